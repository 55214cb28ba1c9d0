import TraceModel

@testable import Decoding

/// A format of protobuf for tests of what the formats share: spans in any order with trace ids of 128 bits and typed
/// attributes, as OTLP has them.
///
///     message Spans { repeated Span spans = 1; }
///     message Span { bytes trace_id = 1; fixed64 span_id = 2; string service = 3; repeated KeyValue attributes = 4; }
///     message KeyValue { string key = 1; AnyValue value = 2; }
///     message AnyValue { string = 1; bool = 2; int64 = 3; double = 4; Array array = 5; List list = 6; bytes = 7; }
///     message Array { repeated AnyValue values = 1; }    message List { repeated KeyValue entries = 1; }
enum ProtobufTraces {
  static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    var decoder = ProtobufTracesDecoder(body, keys: keys)
    var failure: ValueError?
    scratch.grouping.removeAll()
    do throws(ValueError) {
      try decoder.readSpans(&batch, &scratch.grouping)
      try decoder.context.finish(at: decoder.reader.offset)
      try scratch.grouping.appendChunks(spansFrom: 0, of: &batch)
    } catch {
      failure = error
    }
    if let failure { throw decoder.context.located(failure) }
  }
}

private struct ProtobufTracesDecoder: ~Escapable {
  var reader: ProtobufReader
  var context: DecodingContext

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable) {
    reader = ProtobufReader(body)
    context = DecodingContext(keys: keys, bodyBytes: body.byteCount)
  }

  @_lifetime(self: copy self)
  mutating func readSpans(_ batch: inout SpanBatch, _ grouping: inout TraceGrouping) throws(ValueError) {
    while let tag = try reader.readTag() {
      guard tag.field == 1 else {
        try reader.skip(tag)
        continue
      }
      context.spanIndex += 1
      let outside = try reader.enterMessage(tag)
      try readSpan(&batch, &grouping)
      reader.leaveMessage(outside)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readSpan(_ batch: inout SpanBatch, _ grouping: inout TraceGrouping) throws(ValueError) {
    context.field = "span"
    try context.reserve(1, in: &batch.spans, at: reader.offset)
    var span = SpanRecord()
    var high: UInt64 = 0
    var ahead = reader
    var attributes = 0
    while let tag = try ahead.readTag() {
      if tag.field == 4 { attributes += 1 }
      try ahead.skip(tag)
    }
    let typed = try context.reserveTyped(attributes, &batch, at: reader.offset)
    let firstMeta = batch.meta.count
    let firstMetric = batch.metrics.count
    var typedCount = 0
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: (high, span.traceID) = try readTraceID(tag)
      case 2: span.spanID = try reader.readFixed64(tag)
      case 3: span.service = try readText(tag, &batch)
      case 4:
        let outside = try reader.enterMessage(tag)
        let attribute = try readKeyValue(&batch)
        reader.leaveMessage(outside)
        if place(attribute, in: &span, &batch) { continue }
        batch.typedAttributes[typed + typedCount] = attribute
        typedCount += 1
      default: try reader.skip(tag)
      }
    }
    span.meta = IndexRange(start: firstMeta, end: batch.meta.count)
    span.metrics = IndexRange(start: firstMetric, end: batch.metrics.count)
    span.typed = IndexRange(start: typed, end: typed + typedCount)
    batch.spans.append(span)
    grouping.traceIDHighs.append(high)
  }

  /// Where every stage looks for texts and numbers. False for what has no place there.
  @_lifetime(self: copy self)
  private mutating func place(
    _ attribute: TypedAttribute, in span: inout SpanRecord, _ batch: inout SpanBatch
  ) -> Bool {
    let (key, value) = (attribute.key, attribute.value)
    let known = context.knownKey(key, batch)
    switch value.type {
    case 0: context.appendMeta(key, value.string, known: known, to: &span, &batch)
    case 2 where Int64(exactly: Double(value.int)) == value.int:
      context.appendMetric(key, Double(value.int), known: known, to: &span, &batch)
      batch.metrics[batch.metrics.count - 1].isInteger = true
    case 3: context.appendMetric(key, value.double, known: known, to: &span, &batch)
    default: return false
    }
    return true
  }

  @_lifetime(self: copy self)
  private mutating func readTraceID(_ tag: ProtobufReader.Tag) throws(ValueError) -> (UInt64, UInt64) {
    let (start, length) = try reader.readBytes(tag)
    guard length == 16 else {
      throw ValueError(kind: .wrongLength, offset: tag.offset, expected: .traceID, seen: .bytes)
    }
    var halves: (UInt64, UInt64) = (0, 0)
    for index in 0..<8 {
      halves.0 = halves.0 << 8 | UInt64(reader.bytes.unsafeLoad(fromByteOffset: start + index, as: UInt8.self))
      halves.1 = halves.1 << 8 | UInt64(reader.bytes.unsafeLoad(fromByteOffset: start + 8 + index, as: UInt8.self))
    }
    return halves
  }

  @_lifetime(self: copy self)
  private mutating func readText(
    _ tag: ProtobufReader.Tag, _ batch: inout SpanBatch
  ) throws(ValueError) -> ByteSlice {
    let (start, length) = try reader.readBytes(tag)
    return context.text(start: start, length: length, &batch)
  }

  @_lifetime(self: copy self)
  private mutating func readKeyValue(_ batch: inout SpanBatch) throws(ValueError) -> TypedAttribute {
    var attribute = TypedAttribute()
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: attribute.key = try readText(tag, &batch)
      case 2:
        let outside = try reader.enterMessage(tag)
        attribute.value = try readValue(&batch)
        reader.leaveMessage(outside)
      default: try reader.skip(tag)
      }
    }
    return attribute
  }

  @_lifetime(self: copy self)
  private mutating func readValue(_ batch: inout SpanBatch) throws(ValueError) -> AnyValueRecord {
    var value = AnyValueRecord()
    while let tag = try reader.readTag() {
      switch tag.field {
      case 1: value = .string(try readText(tag, &batch))
      case 2: value = .bool(try reader.readVarint(tag) != 0)
      case 3: value = .int(Int64(bitPattern: try reader.readVarint(tag)))
      case 4: value = .double(Double(bitPattern: try reader.readFixed64(tag)))
      case 5, 6:
        let outside = try reader.enterMessage(tag)
        value = tag.field == 5 ? .array(try readElements(&batch)) : .keyValues(try readEntries(&batch))
        reader.leaveMessage(outside)
      case 7:
        let (start, length) = try reader.readBytes(tag)
        value = .bytes(ByteSlice(bodyOffset: start, length: length))
      default: try reader.skip(tag)
      }
    }
    return value
  }

  /// Fields of number 1 in the message that the reader is in.
  @_lifetime(self: copy self)
  private mutating func countAhead() throws(ValueError) -> Int {
    var ahead = reader
    var count = 0
    while let tag = try ahead.readTag() {
      if tag.field == 1 { count += 1 }
      try ahead.skip(tag)
    }
    return count
  }

  @_lifetime(self: copy self)
  private mutating func readElements(_ batch: inout SpanBatch) throws(ValueError) -> IndexRange {
    let count = try countAhead()
    let first = try context.reserveElements(count, &batch, at: reader.offset)
    var next = first
    while let tag = try reader.readTag() {
      guard tag.field == 1 else {
        try reader.skip(tag)
        continue
      }
      let outside = try reader.enterMessage(tag)
      batch.arrayValues[next] = try readValue(&batch)
      reader.leaveMessage(outside)
      next += 1
    }
    return IndexRange(start: first, end: next)
  }

  @_lifetime(self: copy self)
  private mutating func readEntries(_ batch: inout SpanBatch) throws(ValueError) -> IndexRange {
    let count = try countAhead()
    let first = try context.reserveTyped(count, &batch, at: reader.offset)
    var next = first
    while let tag = try reader.readTag() {
      guard tag.field == 1 else {
        try reader.skip(tag)
        continue
      }
      let outside = try reader.enterMessage(tag)
      batch.typedAttributes[next] = try readKeyValue(&batch)
      reader.leaveMessage(outside)
      next += 1
    }
    return IndexRange(start: first, end: next)
  }
}
