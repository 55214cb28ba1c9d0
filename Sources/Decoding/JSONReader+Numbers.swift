import Platform

/// Numbers of JSON, exactly: integers have all of their 64 bits.
extension JSONReader {
  /// The parts of a number that was moved over.
  struct Number {
    var start: Int
    var end: Int
    var isNegative = false
    /// The digits without point and sign, while they fit 64 bits.
    var digits: UInt64 = 0
    var digitsFit = true
    /// How many digits stand behind the point; 0 without a point.
    var fractionDigits = 0
    var exponent = 0
    /// Neither a point nor an exponent.
    var isInteger = true
  }

  /// An integer of 64 bits: a negative one keeps its bit pattern. `null` is 0.
  @_lifetime(self: copy self)
  mutating func readUInt64() throws(ValueError) -> UInt64 {
    guard let number = try readInteger() else { return 0 }
    return try uint64(number, seen: .number)
  }

  /// An integer of 64 bits as `readUInt64` reads it, or a text of its digits: JavaScript's numbers have 53 bits.
  @_lifetime(self: copy self)
  mutating func readID() throws(ValueError) -> UInt64 {
    guard try peek(.integer) == 0x22 else { return try readUInt64() }
    let at = offset
    let text = try readString()
    let end = text.start + text.length
    var number = Number(start: at, end: end)
    var digit = text.start
    if text.length > 0, byte(digit) == 0x2D {
      number.isNegative = true
      digit += 1
    }
    guard scanDigits(&digit, &number) > 0, digit == end else {
      throw ValueError(kind: .wrongType, offset: at, expected: .integer, seen: .string)
    }
    return try uint64(number, seen: .string)
  }

  private func uint64(_ number: Number, seen: ValueError.Sight) throws(ValueError) -> UInt64 {
    let isInRange = number.isNegative ? number.digits <= 1 << 63 : true
    guard number.digitsFit, isInRange else {
      throw ValueError(kind: .outOfRange, offset: number.start, expected: .uint64, seen: seen)
    }
    return number.isNegative ? 0 &- number.digits : number.digits
  }

  /// An unsigned integer of 32 bits. `null` is 0.
  @_lifetime(self: copy self)
  mutating func readUInt32() throws(ValueError) -> UInt32 {
    _ = try peek(.integer)
    let at = offset
    guard let value = UInt32(exactly: try readUInt64()) else {
      throw ValueError(kind: .outOfRange, offset: at, expected: .uint32, seen: .number)
    }
    return value
  }

  /// A signed integer of 64 bits. `null` is 0.
  @_lifetime(self: copy self)
  mutating func readInt64() throws(ValueError) -> Int64 {
    guard let number = try readInteger() else { return 0 }
    let largest: UInt64 = number.isNegative ? 1 << 63 : 1 << 63 - 1
    guard number.digitsFit, number.digits <= largest else { throw outOfRange(.int64, number) }
    return Int64(bitPattern: number.isNegative ? 0 &- number.digits : number.digits)
  }

  /// A signed integer of 32 bits. `null` is 0.
  @_lifetime(self: copy self)
  mutating func readInt32() throws(ValueError) -> Int32 {
    _ = try peek(.integer)
    let at = offset
    guard let value = Int32(exactly: try readInt64()) else {
      throw ValueError(kind: .outOfRange, offset: at, expected: .int32, seen: .number)
    }
    return value
  }

  /// Any number as a double, rounded to the nearest; one that is too large for it is out of range. `null` is 0.
  @_lifetime(self: copy self)
  mutating func readDouble() throws(ValueError) -> Double {
    if try readNull() { return 0 }
    guard isAtNumber(try peek(.number)) else { throw unexpected(.number) }
    let number = try scanNumber()
    if let value = Self.exactDouble(number) { return value }
    let value = unsafe bytes.extracting(number.start..<number.end).withUnsafeBytes {
      unsafe Self.roundedDouble(number, text: $0)
    }
    guard value.isFinite else { throw outOfRange(.double, number) }
    return value
  }

  /// More digits than any number that lies half way between two doubles has; of those behind only matters whether one is
  /// not zero.
  private static let digitsMax = 768

  /// The nearest double, or an infinite one. Uses no memory of the heap, however long the number is.
  private static func roundedDouble(_ number: Number, text: UnsafeRawBufferPointer) -> Double {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: digitsMax + 32) { digits in
      var (count, left, isRestZero) = (0, 0, true)
      for index in 0..<text.count {
        let next = unsafe text[index]
        if next | 0x20 == 0x65 { break }
        guard next >= 0x30, next <= 0x39, count > 0 || next != 0x30 else { continue }
        if count < digitsMax {
          unsafe digits[count] = CChar(bitPattern: next)
          count += 1
        } else {
          left += 1
          if next != 0x30 { isRestZero = false }
        }
      }
      guard count > 0, let start = digits.baseAddress else { return number.isNegative ? -0.0 : 0.0 }
      if !isRestZero {
        unsafe digits[count] = 0x31
        count += 1
        left -= 1
      }
      let power = min(max(number.exponent - number.fractionDigits + left, -9_999), 9_999)
      for next in "e\(power)".utf8 {
        unsafe digits[count] = CChar(bitPattern: next)
        count += 1
      }
      unsafe digits[count] = 0
      let value = unsafe strtod(start, nil)
      return number.isNegative ? -value : value
    }
  }

  /// Digits and a power of ten that a double both holds exactly give the nearest double in one operation.
  private static func exactDouble(_ number: Number) -> Double? {
    let power = number.exponent - number.fractionDigits
    guard number.digitsFit, number.digits <= 1 << 53, power >= -22, power <= 22 else { return nil }
    var scale = 1.0
    for _ in 0..<abs(power) { scale *= 10 }
    let value = power < 0 ? Double(number.digits) / scale : Double(number.digits) * scale
    return number.isNegative ? -value : value
  }

  /// An integer's digits; `nil` for `null`.
  @_lifetime(self: copy self)
  private mutating func readInteger() throws(ValueError) -> Number? {
    if try readNull() { return nil }
    guard isAtNumber(try peek(.integer)) else { throw unexpected(.integer) }
    let number = try scanNumber()
    guard number.isInteger else {
      throw ValueError(kind: .wrongType, offset: number.start, expected: .integer, seen: .float)
    }
    return number
  }

  private func isAtNumber(_ next: UInt8) -> Bool { next == 0x2D || (next >= 0x30 && next <= 0x39) }

  private func outOfRange(_ expected: ValueError.Expectation, _ number: Number) -> ValueError {
    ValueError(kind: .outOfRange, offset: number.start, expected: expected, seen: .number)
  }

  /// Moves over a number, which has to stand at the cursor.
  @_lifetime(self: copy self)
  mutating func scanNumber() throws(ValueError) -> Number {
    var number = Number(start: offset, end: offset)
    var at = offset
    if at < bytes.byteCount, byte(at) == 0x2D {
      number.isNegative = true
      at += 1
    }
    let whole = scanDigits(&at, &number)
    guard whole > 0 else { throw badNumber(at) }
    // No leading zeros.
    guard whole == 1 || byte(at - whole) != 0x30 else { throw badNumber(at - whole) }
    if at < bytes.byteCount, byte(at) == 0x2E {
      at += 1
      number.isInteger = false
      number.fractionDigits = scanDigits(&at, &number)
      guard number.fractionDigits > 0 else { throw badNumber(at) }
    }
    if at < bytes.byteCount, byte(at) | 0x20 == 0x65 {
      at += 1
      number.isInteger = false
      try scanExponent(&at, &number)
    }
    number.end = at
    move(to: at)
    return number
  }

  private func scanDigits(_ at: inout Int, _ number: inout Number) -> Int {
    let start = at
    while at < bytes.byteCount, byte(at) >= 0x30, byte(at) <= 0x39 {
      let (tens, isTooLarge) = number.digits.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeNow) = tens.addingReportingOverflow(UInt64(byte(at) - 0x30))
      if isTooLarge || isTooLargeNow { number.digitsFit = false } else { number.digits = sum }
      at += 1
    }
    return at - start
  }

  private func scanExponent(_ at: inout Int, _ number: inout Number) throws(ValueError) {
    var isNegative = false
    if at < bytes.byteCount, byte(at) == 0x2B || byte(at) == 0x2D {
      isNegative = byte(at) == 0x2D
      at += 1
    }
    let start = at
    while at < bytes.byteCount, byte(at) >= 0x30, byte(at) <= 0x39 {
      // Beyond what the digits of any body can make up for; more change nothing.
      if number.exponent < 1_000_000_000_000_000 { number.exponent = number.exponent * 10 + Int(byte(at) - 0x30) }
      at += 1
    }
    guard at > start else { throw badNumber(at) }
    if isNegative { number.exponent = -number.exponent }
  }

  private func badNumber(_ at: Int) -> ValueError {
    if at >= bytes.byteCount { return end(.number) }
    return ValueError(kind: .malformed, offset: at, expected: .number, seen: .foreign)
  }
}
