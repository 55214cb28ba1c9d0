extension SpanBatch {
  /// The upper half of a trace id as the first of the spans that has `_dd.p.tid` says; 0 when none has it, or when that is
  /// not 1 to 16 hexadecimal digits. One test for each span until one has it.
  @inlinable public func traceIDHigh(ofSpans range: IndexRange) -> UInt64 {
    for index in range.range where spans[index].metaKeys.contains(.traceIDHigh) {
      guard let text = meta(.traceIDHigh, of: spans[index]) else { return 0 }
      return unsafe HexText.unsigned(bytes(text)) ?? 0
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
    for index in 0..<text.count {
      let byte = unsafe text[index]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      value = value << 4 | UInt64(digit)
    }
    return value
  }
}
