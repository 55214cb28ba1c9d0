import TraceModel

/// Decodes the body of `/v0.5/traces`: a string table, then spans as arrays of 12 that refer to it.
package enum TracesV05 {
  /// Reads the whole body; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - scratch: lends the memory for the string table.
  ///   - batch: has to have begun with the same `body`. After an error its contents are to be discarded.
  package static func decode(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    var decoder = MessagePackDecoder(body, keys: keys, memory: scratch.memory)
    var failure: ValueError?
    do throws(ValueError) {
      try decoder.readPayloadV05(&batch, &scratch.strings)
      try decoder.context.finish(at: decoder.reader.offset)
    } catch {
      failure = error
    }
    if let failure { throw decoder.context.located(failure) }
  }
}

extension MessagePackDecoder {
  /// Elements of a span; any other number is refused.
  private static var spanElements: Int { 12 }

  @_lifetime(self: copy self)
  fileprivate mutating func readPayloadV05(
    _ batch: inout SpanBatch, _ table: inout StringTable
  ) throws(ValueError) {
    context.field = "payload"
    batch.sharesTexts = true
    try readFixedArray(of: 2, .pair)
    context.field = "string table"
    table.removeAll()
    let strings = try reader.readArrayCount()
    try reserve(strings, in: &table.strings)
    try reserve(strings, in: &table.knownKeys)
    for _ in 0..<strings {
      let slice = try readText(&batch)
      table.strings.append(slice)
      table.knownKeys.append(context.knownKey(slice, batch))
    }
    context.field = "traces"
    let traces = try reader.readArrayCount()
    try reserve(traces, in: &batch.chunks)
    for trace in 0..<traces {
      context.traceIndex = trace
      context.spanIndex = -1
      context.field = "spans"
      let first = batch.spans.count
      let count = try reader.readArrayCount()
      try reserve(count, in: &batch.spans)
      for index in 0..<count {
        context.spanIndex = index
        try readSpanV05(&batch, table)
      }
      context.appendChunk(spansFrom: first, &batch)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readFixedArray(of size: Int, _ expected: ValueError.Expectation) throws(ValueError) {
    let at = reader.offset
    let marker = try reader.peekMarker()
    let count = try reader.readArrayCount()
    guard count == size else {
      throw ValueError(kind: .wrongLength, offset: at, expected: expected, seen: MessagePackReader.sight(of: marker))
    }
  }

  @_lifetime(self: copy self)
  private mutating func readSpanV05(
    _ batch: inout SpanBatch, _ table: borrowing StringTable
  ) throws(ValueError) {
    var span = SpanRecord()
    context.field = "span"
    if reader.readNil() { return }
    try readFixedArray(of: Self.spanElements, .twelve)
    context.field = "service"
    span.service = table.strings[try readReference(table)]
    context.field = "name"
    span.name = table.strings[try readReference(table)]
    context.field = "resource"
    span.resource = table.strings[try readReference(table)]
    context.field = "trace_id"
    span.traceID = try reader.readUInt64()
    context.field = "span_id"
    span.spanID = try reader.readUInt64()
    context.field = "parent_id"
    span.parentID = try reader.readUInt64()
    context.field = "start"
    span.startNs = try reader.readInt64()
    context.field = "duration"
    span.durationNs = try reader.readInt64()
    context.field = "error"
    span.error = try reader.readInt32()
    context.field = "meta"
    try readMetaV05(of: &span, &batch, table)
    context.field = "metrics"
    try readMetricsV05(of: &span, &batch, table)
    context.field = "type"
    span.type = table.strings[try readReference(table)]
    batch.spans.append(span)
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readReference(
    _ table: borrowing StringTable
  ) throws(ValueError) -> Int {
    let at = reader.offset
    let marker = try reader.peekMarker()
    let reference = try reader.readTextNumber()
    guard reference < UInt64(table.strings.count) else {
      throw reader.outOfRange(.reference, at: at, marker: marker)
    }
    try charge(Int(table.strings[Int(reference)].length))
    return Int(reference)
  }

  @_lifetime(self: copy self)
  private mutating func readMetaV05(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ table: borrowing StringTable
  ) throws(ValueError) {
    let count = try reader.readMapCount()
    let first = batch.meta.count
    try reserve(count, in: &batch.meta)
    for _ in 0..<count {
      let key = try readReference(table)
      let value = try readReference(table)
      context.appendMeta(
        table.strings[key], table.strings[value], known: table.knownKeys[key], to: &span, &batch)
    }
    span.meta = IndexRange(start: first, end: batch.meta.count)
  }

  @_lifetime(self: copy self)
  private mutating func readMetricsV05(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ table: borrowing StringTable
  ) throws(ValueError) {
    let count = try reader.readMapCount()
    let first = batch.metrics.count
    try reserve(count, in: &batch.metrics)
    for _ in 0..<count {
      let key = try readReference(table)
      let value = try reader.readDouble()
      context.appendMetric(table.strings[key], value, known: table.knownKeys[key], to: &span, &batch)
    }
    span.metrics = IndexRange(start: first, end: batch.metrics.count)
  }
}
