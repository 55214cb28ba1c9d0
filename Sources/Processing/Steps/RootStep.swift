import TraceModel

/// What a chunk as a whole is: its root, priority, origin and who decided about it.
struct RootStep: ProcessingStep {
  let name = "root"

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let spans = batch.chunks[chunk].spans.range
    batch.chunks[chunk].root = UInt32(Self.root(batch, spans, context.spanIDs))
    readChunkAttributes(&batch, chunk: chunk)
    return nil
  }

  /// The root: from the end, the first span without a parent; else the first of those whose parent is not in the chunk;
  /// else the last span.
  private static func root(
    _ batch: borrowing SpanBatch, _ spans: Range<Int>, _ spanIDs: borrowing SpanIDIndex
  ) -> Int {
    var parentless: Int?
    for index in spans.reversed() {
      let parent = batch.spans[index].parentID
      if parent == 0 { return index }
      if spanIDs.position(of: parent) == nil { parentless = index }
    }
    return parentless ?? spans.upperBound - 1
  }

  private func readChunkAttributes(_ batch: inout SpanBatch, chunk: Int) {
    let spans = batch.chunks[chunk].spans.range
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    if batch.chunks[chunk].priority == ChunkRecord.noPriority {
      batch.chunks[chunk].priority = Self.priority(batch, root: root, spans)
    }
    if batch.chunks[chunk].origin.isEmpty, let origin = batch.meta(.origin, of: root) {
      batch.chunks[chunk].origin = origin
    }
    for index in spans {
      if let decisionMaker = batch.meta(.decisionMaker, of: batch.spans[index]) {
        batch.chunks[chunk].decisionMaker = decisionMaker
        break
      }
    }
  }

  /// The root's `_sampling_priority_v1`, else that of the first span that has one.
  private static func priority(_ batch: borrowing SpanBatch, root: SpanRecord, _ spans: Range<Int>) -> Int32 {
    var value = batch.metric(.samplingPriority, of: root)
    if value == nil {
      for index in spans {
        value = batch.metric(.samplingPriority, of: batch.spans[index])
        if value != nil { break }
      }
    }
    guard let value else { return ChunkRecord.noPriority }
    guard value.isFinite else { return 0 }
    // Priorities are 8 bits wide inside the agent; larger ones wrap there and so here.
    let wide = Int64(max(min(value.rounded(.towardZero), 2_147_483_647), -2_147_483_648))
    return Int32(Int8(truncatingIfNeeded: wide))
  }
}
