import TraceModel

/// JSON that is written into a batch's side arena: what Datadog has of events, links and values of several parts.
///
/// Each function says whether there was memory for what it writes.
extension SpanBatch {
  mutating func appendJSON(_ text: StaticString) -> Bool {
    guard sideArena.reserve(text.utf8CodeUnitCount) else { return false }
    _ = addText(text)
    return true
  }

  mutating func appendJSON(_ number: UInt64) -> Bool {
    guard sideArena.reserve(20) else { return false }
    appendDecimal(number)
    return true
  }

  mutating func appendJSON(_ number: Int64) -> Bool {
    guard sideArena.reserve(20) else { return false }
    if number < 0 { sideArena.append(0x2D) }
    appendDecimal(number.magnitude)
    return true
  }

  /// The shortest text of a number; what is none becomes a text in quotes.
  mutating func appendJSON(_ number: Double) -> Bool {
    if number.isFinite { return appendText(of: number) }
    guard appendJSON("\""), appendText(of: number) else { return false }
    return appendJSON("\"")
  }

  /// A number as people write it: `0.5`, `3`, `NaN`.
  mutating func appendText(of number: Double) -> Bool {
    guard sideArena.reserve(32) else { return false }
    if number.isNaN { return appendJSON("NaN") }
    if number.isInfinite { return appendJSON(number < 0 ? "-Infinity" : "Infinity") }
    if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return appendJSON(whole) }
    for unit in number.description.utf8 { sideArena.append(unit) }
    return true
  }

  /// A number of 64 bits in 16 hexadecimal digits.
  mutating func appendHex(_ number: UInt64) -> Bool {
    guard sideArena.reserve(16) else { return false }
    appendEightDigits(of: UInt32(truncatingIfNeeded: number >> 32))
    appendEightDigits(of: UInt32(truncatingIfNeeded: number))
    return true
  }

  /// All at once, a digit in each byte of a word.
  private mutating func appendEightDigits(of number: UInt32) {
    var digits = UInt64(number.byteSwapped)
    digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
    digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
    // The upper half of each byte comes first.
    digits = digits >> 4 & 0x000F_000F_000F_000F | (digits & 0x000F_000F_000F_000F) << 8
    let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    let text = (digits &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).littleEndian
    unsafe withUnsafeBytes(of: text) { unsafe sideArena.append(contentsOf: $0.bindMemory(to: UInt8.self)) }
  }

  /// A text between quotes. Bytes that are no UTF-8 become U+FFFD.
  /// - Parameter isEscaped: it is JSON already, between its quotes.
  mutating func appendQuoted(_ text: ByteSlice, isEscaped: Bool = false) -> Bool {
    let length = Int(text.length)
    guard sideArena.reserve(length &+ 2) else { return false }
    sideArena.append(0x22)
    var at = 0
    while at < length {
      let run = unsafe Self.plainLength(bytes(text), from: at, isEscaped: isEscaped)
      if run > 0 {
        guard sideArena.reserve(run) else { return false }
        // Behind the reservation: it may have moved the side arena.
        _ = unsafe addBytes(UnsafeRawBufferPointer(rebasing: bytes(text)[at..<at + run]))
        at += run
        continue
      }
      guard sideArena.reserve(8) else { return false }
      appendEscape(of: unsafe bytes(text)[at])
      at += 1
    }
    guard sideArena.reserve(1) else { return false }
    sideArena.append(0x22)
    return true
  }

  /// Bytes in base64 (RFC 4648, section 4).
  mutating func appendBase64(_ slice: ByteSlice) -> Bool {
    let length = Int(slice.length)
    guard sideArena.reserve((length + 2) / 3 * 4) else { return false }
    for start in stride(from: 0, to: length, by: 3) {
      let source = unsafe bytes(slice)
      let left = length - start
      let first = unsafe UInt32(source[start]) << 16
      let second = left > 1 ? unsafe UInt32(source[start + 1]) << 8 : 0
      let third = left > 2 ? unsafe UInt32(source[start + 2]) : 0
      let group = first | second | third
      for place in 0..<4 {
        let digit = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * place)) & 0x3F
        sideArena.append(place > left ? 0x3D : Self.base64Digit(digit))
      }
    }
    return true
  }

  /// Bytes in base64 between quotes, as a value of JSON.
  mutating func appendQuotedBase64(_ slice: ByteSlice) -> Bool {
    guard appendJSON("\""), appendBase64(slice) else { return false }
    return appendJSON("\"")
  }

  private mutating func appendDecimal(_ number: UInt64) {
    var scale: UInt64 = 1
    while number / scale >= 10 { scale *= 10 }
    while scale > 0 {
      sideArena.append(UInt8(truncatingIfNeeded: number / scale % 10) &+ 0x30)
      scale /= 10
    }
  }

  /// Bytes from `start` on that stand in JSON as they are.
  private static func plainLength(_ bytes: UnsafeRawBufferPointer, from start: Int, isEscaped: Bool) -> Int {
    var at = start
    while at < bytes.count {
      let byte = unsafe bytes[at]
      if byte < 0x20 || (!isEscaped && (byte == 0x22 || byte == 0x5C)) { break }
      let length = byte < 0x80 ? 1 : unsafe ByteString.characterLength(bytes, at: at)
      if length == 0 { break }
      at += length
    }
    return at - start
  }

  private mutating func appendEscape(of byte: UInt8) {
    switch byte {
    case 0x22, 0x5C:
      sideArena.append(0x5C)
      sideArena.append(byte)
    case 0x0A: _ = addText("\\n")
    case 0x0D: _ = addText("\\r")
    case 0x09: _ = addText("\\t")
    case 0..<0x20:
      _ = addText("\\u00")
      sideArena.append(byte >> 4 &+ 0x30)
      sideArena.append(byte & 0xF < 10 ? byte & 0xF &+ 0x30 : byte & 0xF &+ 0x57)
    default: for unit in UTF8.encodedReplacementCharacter { sideArena.append(unit) }
    }
  }

  private static func base64Digit(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: value &+ 0x41
    case 26..<52: value &+ 0x47
    case 52..<62: value &- 4
    case 62: 0x2B
    default: 0x2F
    }
  }
}

extension DecodingContext {
  /// Parts that a request may have: what collectors send has some dozens.
  private static var otlpPartsMax: Int { 10_000 }
  /// Bytes that a byte of a text takes in JSON at most.
  private static var escapedBytesMax: Int { 6 }

  /// Notes where a part of a payload lies.
  mutating func append(
    _ part: ByteSlice, to parts: inout GrowableBuffer<ByteSlice>, at offset: Int
  ) throws(ValueError) {
    guard parts.count < Self.otlpPartsMax else {
      throw ValueError(kind: .tooMany, offset: offset, expected: .fewer, seen: .more)
    }
    try reserve(1, in: &parts, at: offset)
    parts.append(part)
  }

  /// Takes from the budget what texts of so many bytes may become in JSON, before they are written.
  mutating func chargeJSON(textBytes: Int, at offset: Int) throws(ValueError) {
    try charge(textBytes &* Self.escapedBytesMax, at: offset)
  }

  /// Gives back what was charged for texts and not needed. `written`: the bytes that they became.
  mutating func refundJSON(textBytes: Int, written: Int) {
    refund(max(0, textBytes &* Self.escapedBytesMax &- written))
  }

  /// Writes a text of the body between quotes, as `SpanBatch.appendQuoted` does, when the budget has place for it.
  mutating func appendQuoted(
    _ text: ByteSlice, isEscaped: Bool = false, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> Bool {
    let start = batch.sideArena.count
    try chargeJSON(textBytes: Int(text.length), at: offset)
    guard batch.appendQuoted(text, isEscaped: isEscaped) else { return false }
    refundJSON(textBytes: Int(text.length), written: batch.sideArena.count - start)
    return true
  }
}
