extension TraceID {
  /// The hexadecimal digits that an id begins with, from how people type it: hexadecimal, or decimal as older tracers
  /// and some tools write it. A number of 17 digits and more that fits 128 bits is decimal.
  package static func hexPrefix(of text: String) -> String? {
    if text.utf8.count > 16, let id = TraceID(decimal: text) { return id.wholeHex }
    let digits = text.hasPrefix("0x") ? text.dropFirst(2).lowercased() : text.lowercased()
    guard (1...32).contains(digits.utf8.count), digits.utf8.allSatisfy(isHexDigit) else { return nil }
    return digits
  }

  /// What is typed for the digits that `hexPrefix` gives, so that they are not read as a decimal number.
  static func typed(hexPrefix digits: String) -> String {
    digits.utf8.count > 16 && TraceID(decimal: digits) != nil ? "0x" + digits : digits
  }

  /// An id of decimal digits alone; `nil` for anything else, for more than 128 bits, and where zeros in front of it show
  /// that it is hexadecimal.
  init?(decimal text: String) {
    guard text == "0" || !text.hasPrefix("0"), text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = UInt128(text)
    else { return nil }
    self.init(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number))
  }

  /// The digits that lead to this id alone: 16 of the lower half for a number that fits it, else all 32.
  private var wholeHex: String { high == 0 ? TraceID.hex(low) : hex }

  private static func isHexDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte &- 0x61 < 6 }
}
