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
  ///
  /// - Parameter place: where the key before it is remembered; then, where this one is.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readKey(
    after place: inout KeyOrder.Place, _ order: inout KeyOrder, _ batch: inout SpanBatch
  ) throws(ValueError) -> (text: ByteSlice, known: KnownKey) {
    guard let expected = reader.skipExpectedKey(&order, after: place) else {
      return try readOtherKey(after: &place, &order, &batch)
    }
    place = expected
    return lastKey(place, order)
  }

  /// The remembered key that the reader has just moved over. Only ASCII is remembered: nothing has to be repaired.
  @inline(__always) private func lastKey(
    _ place: KeyOrder.Place, _ order: borrowing KeyOrder
  ) -> (text: ByteSlice, known: KnownKey) {
    let length = order.length(of: place)
    return (
      ByteSlice(bodyOffset: reader.offset &- length, length: length),
      KnownKey(rawValue: UInt16(truncatingIfNeeded: order.meaning(of: place)))
    )
  }

  @_lifetime(self: copy self)
  @inline(never) private mutating func readOtherKey(
    after place: inout KeyOrder.Place, _ order: inout KeyOrder, _ batch: inout SpanBatch
  ) throws(ValueError) -> (text: ByteSlice, known: KnownKey) {
    if let remembered = reader.skipRememberedKey(&order, after: place) {
      place = remembered
      return lastKey(place, order)
    }
    let (start, length) = try reader.readRawString()
    let key = context.key(start: start, length: length, &batch)
    place =
      key.isASCII
      ? order.note(UInt32(key.known.rawValue), after: place, in: reader.bytes, start: start, length: length)
      : KeyOrder.start
    return (key.text, key.known)
  }
}
