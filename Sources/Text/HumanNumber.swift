/// Numbers as a person reads them in a table.
package enum HumanNumber {
  /// All digits, in groups of three with commas: `1,204`.
  package static func count(_ number: UInt64) -> String {
    var digits = String(number)
    var position = digits.utf8.count - 3
    while position > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
      position -= 3
    }
    return digits
  }

  /// Hits a second with one decimal: `20.1/s`; `<0.1/s` for what would round to nothing.
  package static func rate(_ perSecond: Double) -> String {
    guard perSecond.isFinite, perSecond > 0 else { return "0/s" }
    if perSecond < 0.05 { return "<0.1/s" }
    return decimal(perSecond, digits: 1) + "/s"
  }

  /// Errors out of hits: `1.0%`, `100%`, `<0.1%`, and `–` when there are none, so that trouble stands out.
  package static func errorShare(_ errors: UInt64, of hits: UInt64) -> String {
    guard errors > 0, hits > 0 else { return "–" }
    let percent = Double(errors) / Double(hits) * 100
    if percent < 0.05 { return "<0.1%" }
    if percent >= 99.95 { return errors >= hits ? "100%" : "99.9%" }
    return decimal(percent, digits: 1) + "%"
  }

  /// A part 0…1 as whole percent: `38%`, `<1%`.
  package static func share(_ part: Double) -> String {
    guard part.isFinite, part > 0 else { return "0%" }
    if part < 0.005 { return "<1%" }
    return decimal(min(part, 1) * 100, digits: 0) + "%"
  }

  /// Bytes in decimal units, as disks and networks count: `812 B`, `1.2 MB`.
  package static func bytes(_ count: UInt64) -> String {
    var value = Double(count)
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    // 999.95 would read 1000.0.
    while value >= (unit == 0 ? 1000 : 999.95), unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return decimal(value, digits: unit == 0 ? 0 : 1) + " " + units[unit]
  }

  /// A number that is not negative, with thousands separators and a fixed number of decimals, at most 9.
  package static func decimal(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return "?" }
    var scale: Double = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = (max(0, value) * scale).rounded()
    guard scaled < 9e18 else { return "?" }
    let whole = UInt64(scaled / scale)
    guard digits > 0 else { return count(whole) }
    let fraction = String(UInt64(scaled) - whole * UInt64(scale))
    return count(whole) + "." + String(repeating: "0", count: max(0, digits - fraction.utf8.count)) + fraction
  }
}
