import TraceModel

/// A JSON string as it stands in the body, between its quotes.
struct JSONText {
  var start: Int
  /// In bytes, with escapes as they are written.
  var length: Int
  /// Whether it has escapes; if not, its bytes are its text.
  var isEscaped: Bool

  /// The value of a hexadecimal digit in either case.
  static func hexDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case 0x30...0x39: UInt16(byte) - 0x30
    case 0x41...0x46: UInt16(byte) - 0x41 + 10
    case 0x61...0x66: UInt16(byte) - 0x61 + 10
    default: nil
    }
  }
}

extension DecodingContext {
  /// A JSON string as text: where it lies in the body, or in the side arena when it has escapes or is not UTF-8.
  ///
  /// Half a surrogate pair, and each byte that is not UTF-8, becomes U+FFFD.
  mutating func text(_ text: JSONText, _ batch: inout SpanBatch) throws(ValueError) -> ByteSlice {
    guard text.isEscaped else { return self.text(start: text.start, length: text.length, &batch) }
    let start = batch.sideArena.count
    let slice = ByteSlice(bodyOffset: text.start, length: text.length)
    var at = 0
    while at < text.length {
      guard batch.sideArena.reserve(ByteString.characterBytesMax) else { throw .noMemory(at: text.start) }
      // Each time anew: appending to the side arena may end the bytes' life.
      let bytes = unsafe batch.bytes(slice)
      let byte = unsafe bytes[at]
      if byte == 0x5C {
        let scalar = unsafe Self.unescape(bytes, &at)
        for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { batch.sideArena.append(unit) }
        continue
      }
      let length = unsafe ByteString.characterLength(bytes, at: at)
      if length == 0 {
        for unit in UTF8.encodedReplacementCharacter { batch.sideArena.append(unit) }
      } else {
        for index in at..<at + length { batch.sideArena.append(unsafe bytes[index]) }
      }
      at += max(1, length)
    }
    try charge(batch.sideArena.count - start, at: text.start)
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// The character of the escape at `at`, which the reader has checked to be one; moves over it.
  private static func unescape(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> Unicode.Scalar {
    let kind = unsafe bytes[at + 1]
    at += 2
    switch kind {
    case 0x62: return "\u{8}"
    case 0x66: return "\u{C}"
    case 0x6E: return "\n"
    case 0x72: return "\r"
    case 0x74: return "\t"
    case 0x75: break
    default: return Unicode.Scalar(kind)
    }
    let first = unsafe unit(bytes, at)
    at += 4
    guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    guard bytes.count - at >= 6, unsafe bytes[at] == 0x5C, unsafe bytes[at + 1] == 0x75 else { return "\u{FFFD}" }
    let second = unsafe unit(bytes, at + 2)
    guard second & 0xFC00 == 0xDC00 else { return "\u{FFFD}" }
    at += 6
    return Unicode.Scalar(0x1_0000 + UInt32(first & 0x3FF) << 10 + UInt32(second & 0x3FF)) ?? "\u{FFFD}"
  }

  /// The UTF-16 unit that four hexadecimal digits say.
  private static func unit(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt16 {
    var value: UInt16 = 0
    for index in at..<at + 4 { value = value << 4 | (unsafe JSONText.hexDigit(bytes[index]) ?? 0) }
    return value
  }
}
