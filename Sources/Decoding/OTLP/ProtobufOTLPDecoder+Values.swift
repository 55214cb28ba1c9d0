import TraceModel

/// Attributes of OTLP as protobuf, and their values of several parts, which are written as the JSON that Datadog has of them.
extension ProtobufOTLPDecoder {
  /// Reads an attribute: its key and its value, in either order.
  ///
  /// - Parameter place: where the key of the attribute before it is remembered; then, where this one's is.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readAttribute(
    _ tag: ProtobufReader.Tag, after place: inout KeyOrder.Place, _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) -> OTLPAttribute {
    var attribute = OTLPAttribute()
    if tag.type == .lengthDelimited, readUsualAttribute(&attribute, after: &place, &otlp, &batch) { return attribute }
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: try readKey(tag, of: &attribute, after: &place, &otlp, &batch)
      case 2: attribute.value = try readValue(tag, &batch)
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
    return attribute
  }

  /// Reads an attribute as nearly all are: an expected key, then a text or an integer, and nothing else, each part of
  /// fewer than 128 bytes.
  /// - Returns: false, and nothing is read, for any other.
  @_lifetime(self: copy self)
  @inline(__always) private mutating func readUsualAttribute(
    _ attribute: inout OTLPAttribute, after place: inout KeyOrder.Place, _ otlp: inout OTLPAssembler,
    _ batch: inout SpanBatch
  ) -> Bool {
    // All that is looked at lies before `stop`, which is within the message.
    guard let length = reader.peekByte(at: reader.offset), length < 0x80 else { return false }
    let start = reader.offset &+ 1
    let stop = start &+ Int(length)
    guard stop <= reader.end, reader.peekByte(at: start) == 0x0A,
      let expected = otlp.keyOrder.findExpected(in: reader.bytes, at: start &+ 1, after: place)
    else { return false }
    let keyLength = otlp.keyOrder.length(of: expected)
    let value = start &+ keyLength &+ 4
    guard value < stop, reader.peekByte(at: value &- 2) == 0x12,
      reader.peekByte(at: value &- 1).map({ value &+ Int($0) }) == stop
    else { return false }
    switch reader.peekByte(at: value) {
    case 0x0A:
      guard value &+ 2 <= stop, reader.peekByte(at: value &+ 1).map({ value &+ 2 &+ Int($0) }) == stop else {
        return false
      }
      attribute.value = .text(context.text(start: value &+ 2, length: stop &- value &- 2, &batch))
    case 0x18:
      guard let number = reader.peekVarint(at: value &+ 1, until: stop) else { return false }
      attribute.value = .int(Int64(bitPattern: number))
    default: return false
    }
    attribute.key = ByteSlice(bodyOffset: start &+ 2, length: keyLength)
    attribute.facts = OTLPKeyFacts(number: otlp.keyOrder.meaning(of: expected))
    place = expected
    reader.advance(stop &- reader.offset)
    return true
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readKey(
    _ tag: ProtobufReader.Tag, of attribute: inout OTLPAttribute, after place: inout KeyOrder.Place,
    _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    guard tag.type == .lengthDelimited, let expected = reader.skipExpectedKey(&otlp.keyOrder, after: place) else {
      return try readOtherKey(tag, of: &attribute, after: &place, &otlp, &batch)
    }
    place = expected
    takeLastKey(expected, &attribute, otlp)
  }

  /// The remembered key that the reader has just moved over. Only ASCII is remembered: nothing has to be repaired.
  @inline(__always) private func takeLastKey(
    _ place: KeyOrder.Place, _ attribute: inout OTLPAttribute, _ otlp: borrowing OTLPAssembler
  ) {
    let length = otlp.keyOrder.length(of: place)
    attribute.key = ByteSlice(bodyOffset: reader.offset &- length, length: length)
    attribute.facts = OTLPKeyFacts(number: otlp.keyOrder.meaning(of: place))
  }

  @_lifetime(self: copy self)
  @inline(never) private mutating func readOtherKey(
    _ tag: ProtobufReader.Tag, of attribute: inout OTLPAttribute, after place: inout KeyOrder.Place,
    _ otlp: inout OTLPAssembler, _ batch: inout SpanBatch
  ) throws(ValueError) {
    if tag.type == .lengthDelimited, let remembered = reader.skipRememberedKey(&otlp.keyOrder, after: place) {
      place = remembered
      return takeLastKey(remembered, &attribute, otlp)
    }
    let (start, length) = try reader.readBytes(tag)
    let key = context.key(start: start, length: length, &batch)
    attribute.key = key.text
    attribute.facts = otlp.facts(of: key.text, key.known, batch)
    place =
      key.isASCII
      ? otlp.keyOrder.note(attribute.facts.number, after: place, in: reader.bytes, start: start, length: length)
      : KeyOrder.start
  }

  /// Reads one `AnyValue`: of several kinds in one the last counts.
  @_lifetime(self: copy self)
  private mutating func readValue(
    _ tag: ProtobufReader.Tag, _ batch: inout SpanBatch
  ) throws(ValueError) -> OTLPValue {
    var value = OTLPValue()
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: value = .text(try readText(tag, &batch))
      case 2: value = .bool(try reader.readVarint(tag) != 0)
      case 3: value = .int(Int64(bitPattern: try reader.readVarint(tag)))
      case 4: value = .double(Double(bitPattern: try reader.readFixed64(tag)))
      case 5, 6, 7:
        let start = batch.sideArena.count
        try writeJSON(tag, isQuoted: tag.field != 7, &batch)
        let text = ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
        try context.charge(Int(text.length), at: tag.offset)
        value = tag.field == 7 ? .text(text) : .json(text)
      default: try reader.skip(tag)
      }
    }
    reader.leaveMessage(outside)
    return value
  }

  /// Writes a field of an `AnyValue` as JSON; bytes as base64, with or without quotes.
  @_lifetime(self: copy self)
  private mutating func writeJSON(
    _ tag: ProtobufReader.Tag, isQuoted: Bool = true, _ batch: inout SpanBatch
  ) throws(ValueError) {
    let isWritten: Bool
    switch tag.field {
    case 1: isWritten = try context.appendQuoted(try readRaw(tag), &batch, at: tag.offset)
    case 2: isWritten = batch.appendJSON(try reader.readVarint(tag) != 0 ? "true" : "false")
    case 3: isWritten = batch.appendJSON(Int64(bitPattern: try reader.readVarint(tag)))
    case 4: isWritten = batch.appendJSON(Double(bitPattern: try reader.readFixed64(tag)))
    case 5:
      isWritten = batch.appendJSON("[")
      try writeElements(tag, &batch)
    case 6:
      isWritten = batch.appendJSON("{")
      try writeMembers(tag, &batch)
    default:
      let bytes = try readRaw(tag)
      isWritten = isQuoted ? batch.appendQuotedBase64(bytes) : batch.appendBase64(bytes)
    }
    guard isWritten else { throw .noMemory(at: tag.offset) }
  }

  /// The elements of an `ArrayValue`, and the bracket behind them.
  @_lifetime(self: copy self)
  private mutating func writeElements(_ tag: ProtobufReader.Tag, _ batch: inout SpanBatch) throws(ValueError) {
    var isFirst = true
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      guard tag.field == 1 else {
        try reader.skip(tag)
        continue
      }
      if !isFirst, !batch.appendJSON(",") { throw .noMemory(at: tag.offset) }
      isFirst = false
      try writeAnyValue(tag, &batch)
    }
    reader.leaveMessage(outside)
    guard batch.appendJSON("]") else { throw .noMemory(at: tag.offset) }
  }

  /// The entries of a `KeyValueList`, and the brace behind them.
  @_lifetime(self: copy self)
  private mutating func writeMembers(_ tag: ProtobufReader.Tag, _ batch: inout SpanBatch) throws(ValueError) {
    var isFirst = true
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      guard tag.field == 1 else {
        try reader.skip(tag)
        continue
      }
      if !isFirst, !batch.appendJSON(",") { throw .noMemory(at: tag.offset) }
      isFirst = false
      try writeMember(tag, &batch)
    }
    reader.leaveMessage(outside)
    guard batch.appendJSON("}") else { throw .noMemory(at: tag.offset) }
  }

  /// One `KeyValue`, whose key goes first wherever it stands.
  @_lifetime(self: copy self)
  private mutating func writeMember(_ tag: ProtobufReader.Tag, _ batch: inout SpanBatch) throws(ValueError) {
    let outside = try reader.enterMessage(tag)
    let beginning = reader
    var key = ByteSlice.empty
    while let tag = try reader.readTag() {
      if tag.field == 1 { key = try readRaw(tag) } else { try reader.skip(tag) }
    }
    reader = beginning
    guard try context.appendQuoted(key, &batch, at: tag.offset), batch.appendJSON(":") else {
      throw .noMemory(at: tag.offset)
    }
    let start = batch.sideArena.count
    while let tag = try reader.readTag() {
      guard tag.field == 2 else {
        try reader.skip(tag)
        continue
      }
      batch.sideArena.truncate(to: start)
      try writeAnyValue(tag, &batch)
    }
    if batch.sideArena.count == start, !batch.appendJSON("null") { throw .noMemory(at: tag.offset) }
    reader.leaveMessage(outside)
  }

  /// One `AnyValue`; without a value it is null.
  @_lifetime(self: copy self)
  private mutating func writeAnyValue(_ tag: ProtobufReader.Tag, _ batch: inout SpanBatch) throws(ValueError) {
    let start = batch.sideArena.count
    let outside = try reader.enterMessage(tag)
    while let tag = try reader.readTag() {
      guard (1...7).contains(tag.field) else {
        try reader.skip(tag)
        continue
      }
      batch.sideArena.truncate(to: start)
      try writeJSON(tag, &batch)
    }
    reader.leaveMessage(outside)
    if batch.sideArena.count == start, !batch.appendJSON("null") { throw .noMemory(at: tag.offset) }
  }

  /// Where a text or bytes lie in the body, as they were sent.
  @_lifetime(self: copy self)
  private mutating func readRaw(_ tag: ProtobufReader.Tag) throws(ValueError) -> ByteSlice {
    let (start, length) = try reader.readBytes(tag)
    return ByteSlice(bodyOffset: start, length: length)
  }
}
