import TraceModel

/// Decodes the body of `/v0.2/traces`, and of `/v0.3/traces` and `/v0.4/traces` where it is JSON: an array of traces, each
/// an array of span objects with the members of `TracesV04`.
///
/// Accepts what the Datadog agent accepts: names in any case, null for any value, unknown and missing members in any
/// order. Of members that come twice the last counts, also of `meta` and `metrics`, which the Datadog agent puts together.
/// Ids are numbers, or texts of their digits. What stands behind the document is ignored.
package enum TracesJSON {
  /// Reads the whole body; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - scratch: has the claim for memory.
  ///   - batch: has to have begun with the same `body`. After an error its contents are to be discarded.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    var decoder = JSONTracesDecoder(body, keys: keys, memory: scratch.memory)
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readTraces(&batch)
      try decoder.context.finish(at: decoder.reader.offset)
    } catch {
      failure = error
    }
    if let failure { throw decoder.context.located(failure) }
  }
}

/// Decodes the body of `/v0.1/spans`: an array of spans as `TracesJSON` has them, of any traces in any order, which are
/// put together by their trace id.
package enum TracesV01 {
  /// Reads the whole body; on the first value that cannot be read, says where it is. There is no trace to name then.
  ///
  /// - Parameters:
  ///   - scratch: has the claim for memory, and what groups spans.
  ///   - batch: has to have begun with the same `body`. After an error its contents are to be discarded.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    var decoder = JSONTracesDecoder(body, keys: keys, memory: scratch.memory)
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readSpans(&batch)
      try decoder.context.finish(at: decoder.reader.offset)
      try decoder.context.charge(batch.spans.count &* TraceGrouping.bytesPerSpan, at: decoder.reader.offset)
      try scratch.grouping.appendChunks(spansFrom: 0, of: &batch)
    } catch {
      failure = error
    }
    if let failure { throw decoder.context.located(failure) }
  }
}

/// What the JSON formats are written on: a reader and a context, side by side.
struct JSONTracesDecoder: ~Escapable {
  var reader: JSONReader
  var context: DecodingContext

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable, memory: MemoryClaim?) {
    self.init(body, DecodingContext(keys: keys, bodyBytes: body.byteCount, memory: memory))
  }

  @_lifetime(copy body)
  init(_ body: RawSpan, _ context: DecodingContext) {
    reader = JSONReader(body)
    self.context = context
  }

  /// Makes place for one more record, whose number JSON does not announce.
  @_lifetime(self: copy self)
  mutating func reserve<Record>(_ records: inout GrowableBuffer<Record>) throws(ValueError) {
    try context.reserve(1, in: &records, at: reader.offset)
  }

  /// A text, where it lies in the body, or unescaped or repaired in the side arena. null is empty.
  @_lifetime(self: copy self)
  mutating func readText(_ batch: inout SpanBatch) throws(ValueError) -> ByteSlice {
    try context.text(try reader.readString(), &batch)
  }

  /// Opens an array; false for null, which has no elements.
  @_lifetime(self: copy self)
  mutating func openArray() throws(ValueError) -> Bool {
    if try reader.readNull() { return false }
    try reader.openArray()
    return true
  }

  /// Opens an object; false for null, which has no members.
  @_lifetime(self: copy self)
  mutating func openObject() throws(ValueError) -> Bool {
    if try reader.readNull() { return false }
    try reader.openObject()
    return true
  }

  /// The name of an object's next member, with the cursor at its value; `nil` behind the last.
  @_lifetime(self: copy self)
  mutating func readName(_ batch: inout SpanBatch) throws(ValueError) -> ByteSlice? {
    guard let key = try reader.readKey() else { return nil }
    return try context.text(key, &batch)
  }
}

// MARK: Traces and spans

extension JSONTracesDecoder {
  @_lifetime(self: copy self)
  fileprivate mutating func readTraces(_ batch: inout SpanBatch) throws(ValueError) {
    guard try openArray() else { return }
    while try reader.readElement() {
      context.traceIndex += 1
      context.spanIndex = -1
      try reserve(&batch.chunks)
      let first = batch.spans.count
      try readSpans(&batch)
      context.appendChunk(spansFrom: first, &batch)
      context.field = "traces"
    }
  }

  @_lifetime(self: copy self)
  fileprivate mutating func readSpans(_ batch: inout SpanBatch) throws(ValueError) {
    context.field = "spans"
    guard try openArray() else { return }
    while try reader.readElement() {
      context.spanIndex += 1
      context.field = "span"
      if try openObject() { try readMembers(&batch) }
      context.field = "spans"
    }
  }

  @_lifetime(self: copy self)
  private mutating func readMembers(_ batch: inout SpanBatch) throws(ValueError) {
    try reserve(&batch.spans)
    var span = SpanRecord()
    while let name = try readName(&batch) {
      let field = unsafe SpanField(named: batch.bytes(name))
      do throws(ValueError) {
        try readValue(of: field, into: &span, &batch)
      } catch {
        context.field = field.name
        throw error
      }
    }
    batch.spans.append(span)
  }

  @_lifetime(self: copy self)
  private mutating func readValue(
    of field: SpanField, into span: inout SpanRecord, _ batch: inout SpanBatch
  ) throws(ValueError) {
    switch field {
    case .service: span.service = try readText(&batch)
    case .name: span.name = try readText(&batch)
    case .resource: span.resource = try readText(&batch)
    case .type: span.type = try readText(&batch)
    case .traceID: span.traceID = try reader.readID()
    case .spanID: span.spanID = try reader.readID()
    case .parentID: span.parentID = try reader.readID()
    case .start: span.startNs = try reader.readInt64()
    case .duration: span.durationNs = try reader.readInt64()
    case .error: span.error = try reader.readInt32()
    case .meta: try readMeta(of: &span, &batch)
    case .metrics: try readMetrics(of: &span, &batch)
    case .metaStruct: try readMetaStruct(of: &span, &batch)
    case .links: try readLinks(of: &span, &batch)
    case .events: try readEvents(of: &span, &batch)
    case .unknown: try reader.skipValue()
    }
  }

  @_lifetime(self: copy self)
  private mutating func readMeta(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let first = batch.meta.count
    span.metaKeys = .empty
    if try openObject() {
      while let key = try readName(&batch) {
        let value = try readText(&batch)
        try reserve(&batch.meta)
        context.appendMeta(key, value, known: context.knownKey(key, batch), to: &span, &batch)
      }
    }
    span.meta = IndexRange(start: first, end: batch.meta.count)
  }

  @_lifetime(self: copy self)
  private mutating func readMetrics(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    let first = batch.metrics.count
    span.metricKeys = .empty
    if try openObject() {
      while let key = try readName(&batch) {
        let value = try reader.readDouble()
        try reserve(&batch.metrics)
        context.appendMetric(key, value, known: context.knownKey(key, batch), to: &span, &batch)
      }
    }
    span.metrics = IndexRange(start: first, end: batch.metrics.count)
  }
}

extension SpanField {
  /// The field that a member's name spells, in upper or lower case.
  init(named name: UnsafeRawBufferPointer) {
    var raw: UInt32 = 0
    while let field = SpanField(rawValue: raw), field != .unknown {
      if unsafe ByteString.equalIgnoringCase(name, field.name) {
        self = field
        return
      }
      raw += 1
    }
    self = .unknown
  }
}
