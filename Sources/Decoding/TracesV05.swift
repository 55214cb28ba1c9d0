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
    var decoder = PayloadDecoder(body, keys: keys)
    var failure: ValueError?
    do throws(ValueError) { try decoder.readPayloadV05(&batch, &scratch.strings) } catch { failure = error }
    if let failure { throw decoder.located(failure) }
  }
}

extension PayloadDecoder {
  /// Elements of a span; any other number is refused.
  private static var spanElements: Int { 12 }

  @_lifetime(self: copy self)
  fileprivate mutating func readPayloadV05(
    _ batch: inout SpanBatch, _ table: inout StringTable
  ) throws(ValueError) {
    field = "payload"
    try readFixedArray(of: 2, .pair)
    field = "string table"
    table.removeAll()
    let strings = try reader.readArrayCount()
    try charge(strings, ByteSlice.self)
    for _ in 0..<strings {
      let slice = try readText(&batch)
      table.strings.append(slice)
      table.knownKeys.append(unsafe keys.lookup(batch.bytes(slice)))
    }
    field = "traces"
    let traces = try reader.readArrayCount()
    try charge(traces, ChunkRecord.self)
    for trace in 0..<traces {
      traceIndex = trace
      spanIndex = -1
      field = "spans"
      var chunk = ChunkRecord()
      let first = batch.spans.count
      let count = try reader.readArrayCount()
      try charge(count, SpanRecord.self)
      for index in 0..<count {
        spanIndex = index
        try readSpanV05(&batch, table)
      }
      chunk.spans = IndexRange(start: first, end: batch.spans.count)
      batch.chunks.append(chunk)
    }
  }

  @_lifetime(self: copy self)
  private mutating func readFixedArray(of size: Int, _ expected: ValueError.Expectation) throws(ValueError) {
    let at = reader.offset
    let marker = try reader.peekMarker()
    let count = try reader.readArrayCount()
    guard count == size else { throw ValueError(kind: .wrongLength, offset: at, expected: expected, marker: marker) }
  }

  @_lifetime(self: copy self)
  private mutating func readSpanV05(
    _ batch: inout SpanBatch, _ table: borrowing StringTable
  ) throws(ValueError) {
    var span = SpanRecord()
    field = "span"
    if reader.readNil() { return }
    try readFixedArray(of: Self.spanElements, .twelve)
    field = "service"
    span.service = table.strings[try readReference(table)]
    field = "name"
    span.name = table.strings[try readReference(table)]
    field = "resource"
    span.resource = table.strings[try readReference(table)]
    field = "trace_id"
    span.traceID = try reader.readUInt64()
    field = "span_id"
    span.spanID = try reader.readUInt64()
    field = "parent_id"
    span.parentID = try reader.readUInt64()
    field = "start"
    span.startNs = try reader.readInt64()
    field = "duration"
    span.durationNs = try reader.readInt64()
    field = "error"
    span.error = try reader.readInt32()
    field = "meta"
    try readMetaV05(of: &span, &batch, table)
    field = "metrics"
    try readMetricsV05(of: &span, &batch, table)
    field = "type"
    span.type = table.strings[try readReference(table)]
    batch.spans.append(span)
  }

  @_lifetime(self: copy self)
  @inline(__always) private mutating func readReference(
    _ table: borrowing StringTable
  ) throws(ValueError) -> Int {
    let at = reader.offset
    let marker = try reader.peekMarker()
    let reference = try reader.readUInt64()
    guard reference < UInt64(table.strings.count) else {
      throw ValueError(kind: .outOfRange, offset: at, expected: .reference, marker: marker)
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
    try charge(count, MetaEntry.self)
    for _ in 0..<count {
      let key = try readReference(table)
      let value = try readReference(table)
      let known = table.knownKeys[key]
      if known != .unknown { span.metaKeys.insert(known, isPeerTag: keys.isPeerTag(known)) }
      batch.meta.append(MetaEntry(key: table.strings[key], value: table.strings[value], known: known))
    }
    span.meta = IndexRange(start: first, end: batch.meta.count)
  }

  @_lifetime(self: copy self)
  private mutating func readMetricsV05(
    of span: inout SpanRecord, _ batch: inout SpanBatch, _ table: borrowing StringTable
  ) throws(ValueError) {
    let count = try reader.readMapCount()
    let first = batch.metrics.count
    try charge(count, MetricEntry.self)
    for _ in 0..<count {
      let key = try readReference(table)
      let value = try reader.readDouble()
      let known = table.knownKeys[key]
      if known != .unknown { span.metricKeys.insert(known, isPeerTag: false) }
      batch.metrics.append(MetricEntry(key: table.strings[key], value: value, known: known))
    }
    span.metrics = IndexRange(start: first, end: batch.metrics.count)
  }
}
