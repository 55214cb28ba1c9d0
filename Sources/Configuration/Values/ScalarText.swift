/// Booleans and numbers as the Datadog trace-agent reads them, which is how Go and its YAML library do.
enum ScalarText {
  /// Go's ParseBool; plain YAML values also know yes, no, on and off.
  static func boolean(_ text: String, isPlainYAML: Bool) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": return true
    case "0", "f", "F", "false", "FALSE", "False": return false
    default: break
    }
    guard isPlainYAML else { return nil }
    switch text {
    case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": return true
    case "n", "N", "no", "No", "NO", "off", "Off", "OFF": return false
    default: return nil
    }
  }

  /// A whole number: decimal, `0x`, `0o` or `0b`, underscores between digits, or a float without fraction (`5e8`).
  ///
  /// Decimal digits after a leading zero are refused: Go would read them as octal, which nobody means.
  static func integer(_ text: String) -> Int? {
    var digits = text[...]
    let sign = digits.first == "-" ? "-" : ""
    if digits.first == "-" || digits.first == "+" { digits.removeFirst() }
    guard let first = digits.first, first.isASCII, first.isNumber || first == "." else { return nil }
    let prefix = digits.prefix(2).lowercased()
    if let radix = ["0x": 16, "0o": 8, "0b": 2][prefix] {
      let rest = digits.dropFirst(2)
      guard let next = rest.first, next.isHexDigit else { return nil }
      return Int(sign + rest.filter { $0 != "_" }, radix: radix)
    }
    if digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "_" }) {
      guard first != "0" || digits.count == 1 else { return nil }
      return Int(sign + digits.filter { $0 != "_" })
    }
    return number(text).flatMap { Int(exactly: $0) }
  }

  /// A number of bytes: a whole number, or a decimal one with a unit: `B`, `kB`, `MB`, `GB`, `TB` of 1000 each, `KiB`,
  /// `MiB`, `GiB`, `TiB` of 1024 each, capitals or not. `M` alone is refused: it stands for either in other programs.
  static func bytes(_ text: String) -> Int? {
    if let plain = integer(text) { return plain }
    let digits = text.prefix { "0123456789.".contains($0) }
    let unit = text[digits.endIndex...].drop { $0 == " " }.lowercased()
    guard let size = byteUnits[unit], let count = number(String(digits)), count * size < 0x1p62 else { return nil }
    return Int((count * size).rounded())
  }

  private static let byteUnits: [String: Double] = [
    "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 0x1p10, "mib": 0x1p20, "gib": 0x1p30, "tib": 0x1p40,
  ]

  /// A duration as Go writes it: decimal numbers, each with its unit, such as `5m` or `1h30m`.
  static func duration(_ text: String) -> Duration? {
    var rest = text[...]
    var seconds = 0.0
    while !rest.isEmpty {
      let digits = rest.prefix { "0123456789.".contains($0) }
      let unit = rest[digits.endIndex...].prefix { !"0123456789.".contains($0) }
      guard let length = timeUnits[String(unit)], let count = number(String(digits)) else { return nil }
      seconds += count * length
      rest = rest[unit.endIndex...]
    }
    // Ten thousand years; a Duration holds more.
    guard !text.isEmpty, seconds < 3e11 else { return nil }
    return .seconds(seconds)
  }

  private static let timeUnits: [String: Double] = [
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3_600,
  ]

  /// A finite decimal number. Go's `inf`, `nan` and hexadecimal floats make no sense for any option and are refused.
  static func number(_ text: String) -> Double? {
    guard !text.isEmpty, text.utf8.count <= 64, text.allSatisfy({ "0123456789+-.eE".contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// Nothing but ASCII decimal digits, at most nine of them.
  static func digits(_ text: Substring) -> Int? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
