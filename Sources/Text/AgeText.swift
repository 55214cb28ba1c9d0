/// How far back something lies, as people type it.
package enum AgeText {
  /// `90s`, `15m`, `1h30m`, `2d` in nanoseconds; `nil` for anything else, for nothing and for more than 290 years.
  package static func ns(_ text: String) -> Int64? {
    var total: Int64 = 0
    var rest = text[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let unit = rest[digits.endIndex...].prefix { $0.isASCII && $0.isLetter }
      rest = rest[unit.endIndex...]
      guard let number = Int64(digits), let size = unitNs[String(unit)] else { return nil }
      let (part, isTooLarge) = number.multipliedReportingOverflow(by: size)
      let (sum, isSumTooLarge) = total.addingReportingOverflow(part)
      if isTooLarge || isSumTooLarge { return nil }
      total = sum
    }
    return total > 0 ? total : nil
  }

  private static let unitNs: [String: Int64] = [
    "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
  ]
}
