import TraceModel

/// Decodes OTLP: an `ExportTraceServiceRequest`, as protobuf or as JSON, into spans as the Datadog agent makes them of
/// OpenTelemetry's.
///
/// A request has parts, one for each resource, whose spans come from another process or host each; a batch has one sender.
/// So the parts are found first, and each is taken by itself. In a part, spans make a chunk for each trace.
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
    let budget = PayloadBudget.bytes(otlpBytes: body.byteCount)
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

  /// Decodes all of the parts that were found, so that no part is taken of a request that cannot be read to its end: on the
  /// first value that cannot be read, says where it is. The batch then has the chunks of all, until `select` leaves it those
  /// of one.
  ///
  /// - Parameter batch: has to have begun with the same `body`, and be empty. After an error its contents are to be discarded.
  package static func decodeParts(
    of body: RawSpan, _ encoding: Encoding, keys: KeyTable, scratch: inout DecodingScratch, into batch: inout SpanBatch
  ) throws(DecodeError) {
    scratch.otlpDecoded.removeAll()
    scratch.otlp.begin(keys, &batch)
    var context = DecodingContext(
      keys: keys, budget: PayloadBudget.bytes(otlpBytes: body.byteCount), memory: scratch.memory)
    for part in 0..<scratch.otlpParts.count {
      let first = batch.chunks.count
      (batch.payload, batch.sharedMeta) = (PayloadAttributes(), .empty)
      try append(part: part, of: body, encoding, &context, scratch: &scratch, to: &batch)
      guard scratch.otlpDecoded.reserve(1) else { throw DecodeError.noMemory }
      scratch.otlpDecoded.append(
        OTLPPart(
          chunks: IndexRange(start: first, end: batch.chunks.count), payload: batch.payload,
          sharedMeta: batch.sharedMeta, hasComputedStatistics: scratch.otlp.hasComputedStatistics))
    }
    scratch.otlpSizes = batch.sizes
    scratch.otlpChunks.removeAll()
    // The chunks of a part that is the only one may stay where they are.
    guard scratch.otlpParts.count > 1 else { return }
    guard scratch.otlpChunks.reserve(batch.chunks.count) else { throw DecodeError.noMemory }
    unsafe scratch.otlpChunks.append(contentsOf: batch.chunks.pointer)
  }

  /// Leaves a batch the chunks and the sender of one of the parts that were decoded into it, and nothing of what stages
  /// appended for another one: what they may append is bounded for each part.
  ///
  /// - Parameter part: counts from 0.
  /// - Returns: whether the part's client computes statistics itself.
  package static func select(part: Int, scratch: inout DecodingScratch, _ batch: inout SpanBatch) -> Bool {
    let decoded = scratch.otlpDecoded[part]
    batch.truncate(to: scratch.otlpSizes)
    if scratch.otlpDecoded.count > 1 {
      batch.chunks.truncate(to: 0)
      for index in decoded.chunks.range { batch.chunks.append(scratch.otlpChunks[index]) }
    }
    (batch.payload, batch.sharedMeta) = (decoded.payload, decoded.sharedMeta)
    return decoded.hasComputedStatistics
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
    _ = try findParts(of: body, encoding, keys: keys, scratch: &scratch, batch)
    try decodeParts(of: body, encoding, keys: keys, scratch: &scratch, into: &batch)
  }

  private static func append(
    part: Int, of body: RawSpan, _ encoding: Encoding, _ context: inout DecodingContext,
    scratch: inout DecodingScratch, to batch: inout SpanBatch
  ) throws(DecodeError) {
    let place = scratch.otlpParts[part]
    let range = place.offset..<place.offset + Int(place.length)
    context.beginPart()
    let first = batch.spans.count
    var failure: DecodeError?
    switch encoding {
    case .protobuf:
      var decoder = ProtobufOTLPDecoder(body, part: range, context)
      do throws(ValueError) {
        try decoder.readResourceSpans(&scratch.otlp, &batch)
        try group(spansFrom: first, &decoder.context, &scratch, &batch, at: range.upperBound)
        context = decoder.context
      } catch {
        failure = decoder.context.located(error)
      }
    case .json:
      var decoder = JSONTracesDecoder(body, context)
      do throws(ValueError) {
        try decoder.readResourceSpans(at: range.lowerBound, &scratch.otlp, &batch)
        try group(spansFrom: first, &decoder.context, &scratch, &batch, at: range.upperBound)
        context = decoder.context
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

/// What of a batch belongs to one part of a request.
struct OTLPPart: BitwiseCopyable, Sendable {
  /// Of the chunks as they were decoded.
  var chunks: IndexRange
  var payload: PayloadAttributes
  var sharedMeta: IndexRange
  var hasComputedStatistics: Bool
}
