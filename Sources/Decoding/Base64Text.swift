import TraceModel

extension DecodingContext {
  /// The bytes that a JSON string says in base64 (RFC 4648, section 4), put into the side arena. Line breaks are passed
  /// over, as Go does.
  mutating func base64(_ text: JSONText, _ batch: inout SpanBatch) throws(ValueError) -> ByteSlice {
    let encoded = try self.text(text, &batch)
    let start = batch.sideArena.count
    let length = Int(encoded.length)
    try charge(length / 4 * 3, at: text.start)
    guard batch.sideArena.reserve(length / 4 * 3 + 3) else { throw .noMemory(at: text.start) }
    var (bits, count, padding): (UInt32, Int, Int) = (0, 0, 0)
    for index in 0..<length {
      // Each time anew: appending to the side arena may end the bytes' life.
      let byte = unsafe batch.bytes(encoded)[index]
      if byte == 0x0A || byte == 0x0D { continue }
      if byte == 0x3D {
        padding += 1
        continue
      }
      guard padding == 0, let digit = Self.base64Digit(byte) else { throw Self.notBase64(text) }
      bits = bits << 6 | digit
      count += 1
      guard count % 4 == 0 else { continue }
      for shift in [16, 8, 0] as [UInt32] { batch.sideArena.append(UInt8(truncatingIfNeeded: bits >> shift)) }
      bits = 0
    }
    switch (count % 4, padding) {
    case (0, 0): break
    case (2, 2): batch.sideArena.append(UInt8(truncatingIfNeeded: bits >> 4))
    case (3, 1):
      batch.sideArena.append(UInt8(truncatingIfNeeded: bits >> 10))
      batch.sideArena.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: throw Self.notBase64(text)
    }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  private static func notBase64(_ text: JSONText) -> ValueError {
    ValueError(kind: .malformed, offset: text.start, expected: .base64, seen: .foreign)
  }

  private static func base64Digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x41...0x5A: UInt32(byte) - 0x41
    case 0x61...0x7A: UInt32(byte) - 0x61 + 26
    case 0x30...0x39: UInt32(byte) - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
