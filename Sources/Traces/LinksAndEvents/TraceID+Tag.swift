import JSON

extension TraceID {
  /// Reads an id as tracers write it into JSON: hexadecimal of 16 or 32 digits, or of fewer with a letter among them; else
  /// decimal, as a text or a number. `nil` for anything else.
  init?(tag json: JSONValue?) {
    switch json {
    case .int(let number) where number >= 0: self.init(high: 0, low: UInt64(number))
    case .uint(let number): self.init(high: 0, low: number)
    case .string(let text):
      let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
      let isDecimal = digits.utf8.allSatisfy { $0 &- 0x30 < 10 } && digits.startIndex == text.startIndex
      if isDecimal, digits.utf8.count != 16, digits.utf8.count != 32 {
        self.init(decimal: digits)
      } else {
        self.init(hexadecimal: digits)
      }
    default: return nil
    }
  }

  private init?(hexadecimal digits: Substring) {
    // A sign would be taken for a part of the number.
    guard (1...32).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
      let low = UInt64(digits.suffix(16), radix: 16)
    else { return nil }
    let upper = digits.dropLast(16)
    guard let high = upper.isEmpty ? 0 : UInt64(upper, radix: 16) else { return nil }
    self.init(high: high, low: low)
  }

  private init?(decimal digits: Substring) {
    guard (1...39).contains(digits.utf8.count) else { return nil }
    self.init(high: 0, low: 0)
    for digit in digits.utf8 {
      let product = low.multipliedFullWidth(by: 10)
      let (sum, carry) = product.low.addingReportingOverflow(UInt64(digit &- 0x30))
      let (upper, isTooLarge) = high.multipliedReportingOverflow(by: 10)
      let (next, isFull) = upper.addingReportingOverflow(product.high + (carry ? 1 : 0))
      if isTooLarge || isFull { return nil }
      (high, low) = (next, sum)
    }
  }
}
