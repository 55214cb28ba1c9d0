import TraceModel

/// What the MessagePack formats are written on: a reader and a context, side by side.
struct MessagePackDecoder: ~Escapable {
  var reader: MessagePackReader
  var context: DecodingContext

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable, memory: MemoryClaim?) {
    reader = MessagePackReader(body)
    context = DecodingContext(keys: keys, bodyBytes: body.byteCount, memory: memory)
  }

  /// Takes `bytes` from the payload's budget.
  @_lifetime(self: copy self)
  @inline(__always) mutating func charge(_ bytes: Int) throws(ValueError) {
    try context.charge(bytes, at: reader.offset)
  }

  /// Takes the memory of `count` records from the payload's budget, and makes place for them.
  @_lifetime(self: copy self)
  @inline(__always) mutating func reserve<Record>(
    _ count: Int, in records: inout GrowableBuffer<Record>
  ) throws(ValueError) {
    try context.reserve(count, in: &records, at: reader.offset)
  }

  /// A text value as a slice of the body; when it is not UTF-8, of a repaired copy.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readText(_ batch: inout SpanBatch) throws(ValueError) -> ByteSlice {
    let (start, length) = try reader.readRawString()
    return context.text(start: start, length: length, &batch)
  }

  /// An attribute's key as `readText` gives it, and the known key that it spells.
  @_lifetime(self: copy self)
  @inline(never) mutating func readKey(
    _ batch: inout SpanBatch
  ) throws(ValueError) -> (text: ByteSlice, known: KnownKey) {
    let (start, length) = try reader.readRawString()
    return context.key(start: start, length: length, &batch)
  }
}
