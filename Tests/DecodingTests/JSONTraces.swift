import TraceModel

@testable import Decoding

/// A format of JSON for tests of what the formats share: v0.4's document without links, events and binary attributes.
enum JSONTraces {
  static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    var decoder = JSONTracesDecoder(body, keys: keys)
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

private struct JSONTracesDecoder: ~Escapable {
  var reader: JSONReader
  var context: DecodingContext

  @_lifetime(copy body)
  init(_ body: RawSpan, keys: KeyTable) {
    reader = JSONReader(body)
    context = DecodingContext(keys: keys, bodyBytes: body.byteCount)
  }

  @_lifetime(self: copy self)
  mutating func readTraces(_ batch: inout SpanBatch) throws(ValueError) {
    try reader.openArray()
    while try reader.readElement() {
      context.traceIndex += 1
      context.spanIndex = -1
      context.field = "spans"
      try context.reserve(1, in: &batch.chunks, at: reader.offset)
      try reader.openArray()
      let first = batch.spans.count
      while try reader.readElement() {
        context.spanIndex += 1
        try readSpan(&batch)
        context.field = "spans"
      }
      context.appendChunk(spansFrom: first, &batch)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readSpan(_ batch: inout SpanBatch) throws(ValueError) {
    context.field = "span"
    try context.reserve(1, in: &batch.spans, at: reader.offset)
    var span = SpanRecord()
    try reader.openObject()
    while let key = try reader.readKey() {
      let name = try context.text(key, &batch)
      if batch.equal(name, "service") {
        span.service = try context.text(try reader.readString(), &batch)
      } else if batch.equal(name, "name") {
        span.name = try context.text(try reader.readString(), &batch)
      } else if batch.equal(name, "resource") {
        span.resource = try context.text(try reader.readString(), &batch)
      } else if batch.equal(name, "trace_id") {
        span.traceID = try reader.readUInt64()
      } else if batch.equal(name, "span_id") {
        span.spanID = try reader.readUInt64()
      } else if batch.equal(name, "start") {
        span.startNs = try reader.readInt64()
      } else if batch.equal(name, "error") {
        span.error = try reader.readInt32()
      } else if batch.equal(name, "meta") {
        try readMeta(of: &span, &batch)
      } else if batch.equal(name, "metrics") {
        try readMetrics(of: &span, &batch)
      } else {
        try reader.skipValue()
      }
    }
    batch.spans.append(span)
  }

  @_lifetime(self: copy self)
  private mutating func readMeta(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    context.field = "meta"
    let first = batch.meta.count
    span.metaKeys = .empty
    try reader.openObject()
    while let key = try reader.readKey() {
      let name = try context.text(key, &batch)
      let value = try context.text(try reader.readString(), &batch)
      try context.reserve(1, in: &batch.meta, at: reader.offset)
      context.appendMeta(name, value, known: context.knownKey(name, batch), to: &span, &batch)
    }
    span.meta = IndexRange(start: first, end: batch.meta.count)
  }

  @_lifetime(self: copy self)
  private mutating func readMetrics(of span: inout SpanRecord, _ batch: inout SpanBatch) throws(ValueError) {
    context.field = "metrics"
    let first = batch.metrics.count
    span.metricKeys = .empty
    try reader.openObject()
    while let key = try reader.readKey() {
      let name = try context.text(key, &batch)
      let value = try reader.readDouble()
      try context.reserve(1, in: &batch.metrics, at: reader.offset)
      context.appendMetric(name, value, known: context.knownKey(name, batch), to: &span, &batch)
    }
    span.metrics = IndexRange(start: first, end: batch.metrics.count)
  }
}
