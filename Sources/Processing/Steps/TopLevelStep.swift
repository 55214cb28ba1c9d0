import TraceModel

/// Marks the spans that enter a service, those to be measured, and snapshots of unfinished spans.
///
/// Where the tracer marked top-level spans itself, only its own marks count.
struct TopLevelStep: ProcessingStep {
  let name = "top_level"

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let clientComputed = context.request.clientComputedTopLevel
    for index in batch.chunks[chunk].spans.range {
      let span = batch.spans[index]
      var flags = Self.tracerMarks(batch, span)
      if !clientComputed, !flags.contains(.topLevel), Self.entersService(batch, span, context.spanIDs) {
        flags.insert(.topLevel)
      }
      batch.spans[index].flags = flags
    }
    return nil
  }

  @inline(__always) private static func entersService(
    _ batch: borrowing SpanBatch, _ span: SpanRecord, _ spanIDs: borrowing SpanIDIndex
  ) -> Bool {
    guard span.parentID != 0, let parent = spanIDs.position(of: span.parentID) else { return true }
    return !batch.equal(batch.spans[parent].service, span.service)
  }

  @inline(__always) private static func tracerMarks(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> SpanFlags {
    var flags: SpanFlags = []
    if batch.metric(.tracerTopLevel, of: span) == 1 || batch.metric(.topLevel, of: span) == 1 {
      flags.insert(.topLevel)
    }
    if batch.metric(.measured, of: span) == 1 { flags.insert(.measured) }
    if let version = batch.metric(.partialVersion, of: span), version >= 0 { flags.insert(.partialSnapshot) }
    return flags
  }
}
