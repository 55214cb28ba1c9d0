import TraceModel

/// Texts of v1.0, which are written out or stand for one that was.
extension MessagePackDecoder {
  @_lifetime(self: copy self)
  @inline(__always) mutating func readStreamed(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) -> ByteSlice {
    strings.text(try readNumber(&batch, &strings))
  }

  /// The number of a text: the next one where the text itself stands here.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readNumber(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) -> Int {
    let marker = try reader.peekMarker()
    if marker >= 0x80 { return try readLongNumber(marker, &batch, &strings) }
    guard Int(marker) < strings.entries.count else {
      throw reader.outOfRange(.reference, at: reader.offset, marker: marker)
    }
    reader.advance(1)
    try charge(Int(strings.text(Int(marker)).length))
    return Int(marker)
  }

  @_lifetime(self: copy self)
  private mutating func readLongNumber(
    _ marker: UInt8, _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) -> Int {
    let at = reader.offset
    switch marker {
    case 0xA0...0xBF, 0xC0, 0xC4...0xC6, 0xD9...0xDB:
      let text = try readText(&batch)
      return text.isEmpty ? 0 : try strings.append(text, in: &context, at: at)
    case 0xCC...0xD3, 0xE0...0xFF:
      let number = try reader.readTextNumber()
      guard number < UInt64(strings.entries.count) else { throw reader.outOfRange(.reference, at: at, marker: marker) }
      try charge(Int(strings.text(Int(number)).length))
      return Int(number)
    default: throw reader.wrongType(.streamed, at: at, marker: marker)
    }
  }

  /// Moves over a value that nobody knows. The texts in it take their numbers.
  @_lifetime(self: copy self)
  mutating func skipStreamed(
    _ batch: inout SpanBatch, _ strings: inout StreamingStrings
  ) throws(ValueError) {
    var nesting = MessagePackReader.Nesting()
    repeat {
      let at = reader.offset
      let marker = try reader.peekMarker()
      switch marker {
      case 0xA0...0xBF, 0xD9...0xDB:
        _ = try readLongNumber(marker, &batch, &strings)
        nesting.leave()
      default: try nesting.enter(try reader.skipOne(marker), at: at, marker: marker)
      }
    } while !nesting.isDone
  }
}
