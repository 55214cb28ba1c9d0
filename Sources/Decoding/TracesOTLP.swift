import TraceModel

/// Decodes OTLP: an `ExportTraceServiceRequest`, as protobuf or as JSON, into spans as the Datadog agent makes them of
/// OpenTelemetry's.
///
/// A request has parts, one for each resource, whose spans come from another process or host each; a batch has one sender.
/// So the parts are found first, and each is decoded into a batch of its own. In a part, spans make a chunk for each trace.
package enum TracesOTLP {
  /// How a request is written.
  package enum Encoding: Sendable {
    case protobuf, json
  }

  /// Finds the parts of a request and remembers them in `scratch`. Returns how many there are; resources that have nothing
  /// in them are none.
  ///
  /// - Parameter batch: has to have begun with the same `body`.
  package static func findParts(
    of body: RawSpan, _ encoding: Encoding, keys: KeyTable, scratch: inout DecodingScratch, _ batch: borrowing SpanBatch
  ) throws(DecodeError) -> Int {
    scratch.otlpParts.removeAll()
    let budget = PayloadBudget.bytes(otlpPartBytes: body.byteCount, bodyBytes: body.byteCount)
    let context = DecodingContext(keys: keys, budget: budget, memory: scratch.memory)
    var failure: DecodeError?
    switch encoding {
    case .protobuf:
      var decoder = ProtobufOTLPDecoder(body, part: 0..<body.byteCount, context)
      do throws(ValueError) {
        try decoder.readParts(&scratch.otlpParts)
      } catch {
        failure = decoder.context.located(error)
      }
    case .json:
      var decoder = JSONTracesDecoder(body, context)
      do throws(ValueError) {
        try decoder.readOTLPParts(&scratch.otlpParts, batch)
      } catch {
        failure = decoder.context.located(error)
      }
    }
    if let failure { throw failure }
    return scratch.otlpParts.count
  }

  /// Decodes one of the parts that were found; on the first value that cannot be read, says where it is.
  ///
  /// - Parameters:
  ///   - part: counts from 0.
  ///   - batch: has to have begun with the same `body`, and be empty. After an error its contents are to be discarded.
  /// - Returns: whether the part's client computes statistics itself.
  package static func decode(
    part: Int, of body: RawSpan, _ encoding: Encoding, keys: KeyTable, scratch: inout DecodingScratch,
    into batch: inout SpanBatch
  ) throws(DecodeError) -> Bool {
    scratch.otlp.begin(keys, &batch)
    try append(part: part, of: body, encoding, keys: keys, scratch: &scratch, to: &batch)
    return scratch.otlp.hasComputedStatistics
  }

  /// Decodes all parts into one batch, whose sender is that of the last: for looking at what a payload holds.
  package static func decodeProtobuf(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    try decodeAll(body, .protobuf, keys: keys, scratch: &scratch, into: &batch)
  }

  /// Decodes all parts of a request that is JSON into one batch, in the same way.
  package static func decodeJSON(
    _ body: RawSpan, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    try decodeAll(body, .json, keys: keys, scratch: &scratch, into: &batch)
  }

  private static func decodeAll(
    _ body: RawSpan, _ encoding: Encoding, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    let parts = try findParts(of: body, encoding, keys: keys, scratch: &scratch, batch)
    scratch.otlp.begin(keys, &batch)
    for part in 0..<parts {
      try append(part: part, of: body, encoding, keys: keys, scratch: &scratch, to: &batch)
    }
  }

  private static func append(
    part: Int, of body: RawSpan, _ encoding: Encoding, keys: KeyTable, scratch: inout DecodingScratch,
    to batch: inout SpanBatch
  ) throws(DecodeError) {
    let place = scratch.otlpParts[part]
    let range = place.offset..<place.offset + Int(place.length)
    let budget = PayloadBudget.bytes(otlpPartBytes: range.count, bodyBytes: body.byteCount)
    let context = DecodingContext(keys: keys, budget: budget, memory: scratch.memory)
    let first = batch.spans.count
    var failure: DecodeError?
    switch encoding {
    case .protobuf:
      var decoder = ProtobufOTLPDecoder(body, part: range, context)
      do throws(ValueError) {
        try decoder.readResourceSpans(&scratch.otlp, &batch)
        try group(spansFrom: first, &decoder.context, &scratch, &batch, at: range.upperBound)
      } catch {
        failure = decoder.context.located(error)
      }
    case .json:
      var decoder = JSONTracesDecoder(body, context)
      do throws(ValueError) {
        try decoder.readResourceSpans(at: range.lowerBound, &scratch.otlp, &batch)
        try group(spansFrom: first, &decoder.context, &scratch, &batch, at: range.upperBound)
      } catch {
        failure = decoder.context.located(error)
      }
    }
    if let failure { throw failure }
  }

  /// Puts the spans of a part into chunks.
  private static func group(
    spansFrom first: Int, _ context: inout DecodingContext, _ scratch: inout DecodingScratch,
    _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    try context.finish(at: offset)
    let count = batch.spans.count - first
    try context.charge(count &* (TraceGrouping.bytesPerSpan + MemoryLayout<UInt64>.stride), at: offset)
    scratch.grouping.traceIDHighs.removeAll()
    guard scratch.otlp.copyTraceIDHighs(to: &scratch.grouping.traceIDHighs) else { throw .noMemory(at: offset) }
    try scratch.grouping.appendChunks(spansFrom: first, of: &batch)
    // Whoever groups next may have none.
    scratch.grouping.traceIDHighs.removeAll()
  }
}
