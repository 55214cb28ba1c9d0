import TraceModel

/// Decodes the body of `/v0.3/traces` and `/v0.4/traces`: an array of traces, each an array of span maps.
///
/// Accepts what the Datadog agent accepts: nil for any value, `bin` for `str`, signed ids, float32, unknown keys,
/// missing keys, any key order, of duplicate keys the last. Bytes after the payload are ignored.
package enum TracesV04 {
  /// Reads the whole body; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - scratch: has the claim for memory.
  ///   - batch: has to have begun with the same `body`. After an error its contents are to be discarded.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    scratch.begin(keys)
    var decoder = MessagePackDecoder(body, keys: keys, memory: scratch.memory)
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readTraces(&batch, &scratch)
      try decoder.context.finish(at: decoder.reader.offset)
    } catch {
      failure = error
    }
    if let failure { throw decoder.context.located(failure) }
  }
}

extension MessagePackDecoder {
  @_lifetime(self: copy self)
  fileprivate mutating func readTraces(
    _ batch: inout SpanBatch, _ scratch: inout DecodingScratch
  ) throws(ValueError) {
    let traces = try reader.readArrayCount()
    try reserve(traces, in: &batch.chunks)
    for trace in 0..<traces {
      context.traceIndex = trace
      let first = batch.spans.count
      try readSpans(&batch, &scratch)
      context.appendChunk(spansFrom: first, &batch)
    }
  }

  /// Reads an array of span maps behind the spans of the batch.
  @_lifetime(self: copy self)
  mutating func readSpans(_ batch: inout SpanBatch, _ scratch: inout DecodingScratch) throws(ValueError) {
    context.spanIndex = -1
    context.field = "spans"
    let count = try reader.readArrayCount()
    try reserve(count, in: &batch.spans)
    for index in 0..<count {
      context.spanIndex = index
      try readSpan(&batch, &scratch)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readSpan(_ batch: inout SpanBatch, _ scratch: inout DecodingScratch) throws(ValueError) {
    var span = SpanRecord()
    context.field = "span"
    if reader.readNil() { return }
    let pairs = try reader.readMapCount()
    var place = KeyOrder.start
    for _ in 0..<pairs {
      let field = try readSpanField(after: &place, batch, &scratch.fieldOrder)
      try readValue(of: field, into: &span, &batch, &scratch.attributeOrder)
    }
    batch.spans.append(span)
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readValue(
    of spanField: SpanField, into span: inout SpanRecord, _ batch: inout SpanBatch, _ order: inout KeyOrder
  ) throws(ValueError) {
    do throws(ValueError) {
      switch spanField {
      case .service: span.service = try readText(&batch)
      case .name: span.name = try readText(&batch)
      case .resource: span.resource = try readText(&batch)
      case .type: span.type = try readText(&batch)
      case .traceID: span.traceID = try reader.readUInt64()
      case .spanID: span.spanID = try reader.readUInt64()
      case .parentID: span.parentID = try reader.readUInt64()
      case .start: span.startNs = try reader.readInt64()
      case .duration: span.durationNs = try reader.readInt64()
      case .error: span.error = try reader.readInt32()
      case .meta: try readMeta(of: &span, &batch, &order)
      case .metrics: try readMetrics(of: &span, &batch, &order)
      case .metaStruct: try readMetaStruct(of: &span, &batch)
      case .links: try readLinks(of: &span, &batch)
      case .events: try readEvents(of: &span, &batch)
      case .unknown: try reader.skipValue()
      }
    } catch {
      context.field = spanField.name
      throw error
    }
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readSpanField(
    after place: inout KeyOrder.Place, _ batch: borrowing SpanBatch, _ order: inout KeyOrder
  ) throws(ValueError) -> SpanField {
    if let expected = reader.skipExpectedKey(&order, after: place) {
      place = expected
      return SpanField(remembered: order.meaning(of: expected))
    }
    return try readOtherField(after: &place, batch, &order)
  }

  @_lifetime(self: copy self)
  @inline(never) private mutating func readOtherField(
    after place: inout KeyOrder.Place, _ batch: borrowing SpanBatch, _ order: inout KeyOrder
  ) throws(ValueError) -> SpanField {
    if let remembered = reader.skipRememberedKey(&order, after: place) {
      place = remembered
      return SpanField(remembered: order.meaning(of: remembered))
    }
    let (start, length) = try reader.readRawString()
    var word: UInt64 = 0
    if length >= 8 || reader.remaining >= 8 {
      word = unsafe reader.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self).littleEndian
      if length < 8 { word &= 1 << UInt64(length &* 8) &- 1 }
    } else {
      for index in 0..<length {
        let byte = unsafe reader.bytes.unsafeLoad(fromUncheckedByteOffset: start &+ index, as: UInt8.self)
        word |= UInt64(byte) << UInt64(index &* 8)
      }
    }
    let rest = ByteSlice(bodyOffset: start &+ 8, length: max(0, length &- 8))
    let field = unsafe SpanField(
      word: word, length: length, rest: length > 8 ? batch.bytes(rest) : .init(start: nil, count: 0))
    place = order.note(field.rawValue, after: place, in: reader.bytes, start: start, length: length)
    return field
  }

  @_lifetime(self: copy self)
  private mutating func readMeta(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ order: inout KeyOrder
  ) throws(ValueError) {
    let count = try reader.readMapCount()
    let first = batch.meta.count
    try reserve(count, in: &batch.meta)
    span.metaKeys = .empty
    var place = KeyOrder.start
    for _ in 0..<count {
      let (key, known) = try readKey(after: &place, &order, &batch)
      let value = try readText(&batch)
      context.appendMeta(key, value, known: known, to: &span, &batch)
    }
    span.meta = IndexRange(start: first, end: batch.meta.count)
  }

  @_lifetime(self: copy self)
  private mutating func readMetrics(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ order: inout KeyOrder
  ) throws(ValueError) {
    let count = try reader.readMapCount()
    let first = batch.metrics.count
    try reserve(count, in: &batch.metrics)
    span.metricKeys = .empty
    var place = KeyOrder.startOfOthers
    for _ in 0..<count {
      let (key, known) = try readKey(after: &place, &order, &batch)
      let value = try reader.readDouble()
      context.appendMetric(key, value, known: known, to: &span, &batch)
    }
    span.metrics = IndexRange(start: first, end: batch.metrics.count)
  }
}
