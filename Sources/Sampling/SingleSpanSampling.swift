import TraceModel

/// Spans that a rule of their tracer keeps whatever becomes of their trace: they have `_dd.span_sampling.mechanism`.
enum SingleSpanSampling {
  /// Marks such spans of a dropped chunk with `SpanFlags.sentAlone`, and no others. Returns how many there are.
  static func mark(_ batch: inout SpanBatch, _ chunk: ChunkRecord) -> UInt32 {
    guard chunk.spans.range.contains(where: { isChosen(batch.spans[$0]) }) else { return 0 }
    var count: UInt32 = 0
    for index in chunk.spans.range {
      if isChosen(batch.spans[index]) {
        batch.spans[index].flags.insert(.sentAlone)
        count &+= 1
      } else {
        // Analytics events give way.
        batch.spans[index].flags.remove(.sentAlone)
      }
    }
    return count
  }

  private static func isChosen(_ span: SpanRecord) -> Bool { span.metricKeys.contains(.singleSpanMechanism) }
}
