/// Durations as they are typed: `100ms`, `1.5s`, `2m30s`.
package enum QueryDuration {
  private static let units: [(name: String, ns: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
    ("us", 1000), ("ns", 1),
  ]

  /// In ns; `nil` for anything else than numbers, each with a unit, and for more than 290 years. Of a fraction, what is
  /// smaller than a ns is left out.
  package static func ns(_ text: String) -> Int64? {
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      let number = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(number.count)
      let letters = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(letters.count)
      let name = letters == "\u{b5}s" || letters == "\u{3bc}s" ? "us" : letters
      guard let unit = units.first(where: { $0.name == name }), let part = product(number, unit.ns) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    return total
  }

  /// A decimal number times a unit.
  private static func product(_ number: Substring, _ unit: Int64) -> Int64? {
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard let whole = parts.first, parts.count <= 2, let count = Int64(whole) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return product }
    guard let digits = parts.last, !digits.isEmpty else { return nil }
    var fraction: Int64 = 0
    var part = unit
    for digit in digits.utf8 {
      // Units are at most 14 digits long, so this cannot overflow.
      part /= 10
      fraction += Int64(digit &- 0x30) * part
    }
    let (sum, tooLarge) = product.addingReportingOverflow(fraction)
    return tooLarge ? nil : sum
  }

  /// The same duration as one number without fraction and the largest unit for which it is whole, up to seconds.
  package static func text(_ ns: Int64) -> String {
    for unit in units.dropFirst(3) where ns % unit.ns == 0 { return "\(ns / unit.ns)\(unit.name)" }
    return "\(ns)ns"
  }
}
