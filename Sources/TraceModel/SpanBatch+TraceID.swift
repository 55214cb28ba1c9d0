extension SpanBatch {
  /// The upper half of a chunk's trace id: as its format said it of the chunk, else as the first of its spans says whose
  /// `_dd.p.tid` is 1 to 16 hexadecimal digits and not zero. 0 when there is none.
  ///
  /// Read when it is wanted and not with the payload, because most of what is done with a chunk does without.
  @inlinable public func traceIDHigh(of chunk: ChunkRecord) -> UInt64 {
    if chunk.traceIDHigh != 0 { return chunk.traceIDHigh }
    for index in chunk.spans.range where spans[index].metaKeys.contains(.traceIDHigh) {
      guard let text = meta(.traceIDHigh, of: spans[index]) else { continue }
      if let high = unsafe HexText.unsigned(bytes(text)), high != 0 { return high }
    }
    return 0
  }
}

/// Hexadecimal numbers in attribute values.
public enum HexText {
  /// A number of 1 to 16 digits in either case; `nil` for anything else.
  public static func unsigned(_ text: UnsafeRawBufferPointer) -> UInt64? {
    guard text.count > 0, text.count <= 16 else { return nil }
    var value: UInt64 = 0
    var index = 0
    // By index, not by an iterator: this is done once for each trace.
    while index < text.count {
      let byte = unsafe text[index]
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      let decimal = byte &- UInt8(ascii: "0")
      guard decimal < 10 || letter < 6 else { return nil }
      value = value << 4 | UInt64(decimal < 10 ? decimal : letter &+ 10)
      index &+= 1
    }
    return value
  }
}
