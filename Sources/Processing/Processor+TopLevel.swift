import TraceModel

extension Processor {
  /// Marks the spans that enter a service, those to be measured, and snapshots of unfinished spans.
  ///
  /// Needs `spanIDs` to hold the chunk's spans. With `clientComputed` only the tracer's own marks count.
  func markTopLevel(_ batch: inout SpanBatch, chunk: Int, clientComputed: Bool) {
    for index in batch.chunks[chunk].spans.range {
      let span = batch.spans[index]
      var flags = Self.tracerMarks(batch, span)
      if !clientComputed, !flags.contains(.topLevel), entersService(batch, span) { flags.insert(.topLevel) }
      batch.spans[index].flags = flags
    }
  }

  private func entersService(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> Bool {
    guard span.parentID != 0, let parent = spanIDs.position(of: span.parentID) else { return true }
    return !batch.equal(batch.spans[parent].service, span.service)
  }

  private static func tracerMarks(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> SpanFlags {
    var flags: SpanFlags = []
    if batch.metric(.tracerTopLevel, of: span) == 1 || batch.metric(.topLevel, of: span) == 1 {
      flags.insert(.topLevel)
    }
    if batch.metric(.measured, of: span) == 1 { flags.insert(.measured) }
    if let version = batch.metric(.partialVersion, of: span), version >= 0 { flags.insert(.partialSnapshot) }
    return flags
  }
}
