import TraceModel

/// What a chunk as a whole is: its root, priority, origin and who decided about it.
struct RootStep: ProcessingStep {
  /// Spans whose parents lead back to them are counted under this name.
  static let parentCycle = "parent_cycle"

  let name = "root"
  var worksOnStatistics: Bool { true }
  private var spansInCycles: UInt64 = 0

  var repairs: [ProcessingCounts.Repair] {
    [ProcessingCounts.Repair(step: name, name: Self.parentCycle, spans: spansInCycles)]
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let spans = batch.chunks[chunk].spans.range
    let shape = Shape(batch, spans, context.spanIDs)
    batch.chunks[chunk].root = UInt32(shape.root)
    if shape.mayHaveCycles { countCycles(batch, chunk: chunk, &context) }
    readChunkAttributes(&batch, chunk: chunk)
    return nil
  }

  private mutating func countCycles(
    _ batch: borrowing SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) {
    let found = context.cycles.count(batch, batch.chunks[chunk].spans.range, context.spanIDs)
    guard let example = found.example else { return }
    spansInCycles &+= found.spans
    context.faults.add(Self.parentCycle, isRemoved: false, chunk: chunk, span: example, in: batch)
  }

  /// What the parents of a chunk's spans say of the whole.
  private struct Shape {
    /// Position of the root: from the end, the first span without a parent; else the first of those whose parent is not
    /// in the chunk; else the last span.
    let root: Int
    /// Some span lies at or before its parent and some at or behind it. Tracers write parents before their children, or
    /// all behind them, and then no way along the parents can come back.
    let mayHaveCycles: Bool

    init(_ batch: borrowing SpanBatch, _ spans: Range<Int>, _ spanIDs: borrowing SpanIDIndex) {
      var parentless: Int?
      var orphan: Int?
      var (hasParentBefore, hasParentBehind) = (false, false)
      for index in spans.reversed() {
        let parent = batch.spans[index].parentID
        if parent == 0 {
          if parentless == nil { parentless = index }
        } else if let position = spanIDs.position(of: parent) {
          if position <= index { hasParentBefore = true }
          if position >= index { hasParentBehind = true }
        } else {
          orphan = index
        }
      }
      root = parentless ?? orphan ?? spans.upperBound - 1
      mayHaveCycles = hasParentBefore && hasParentBehind
    }
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
    guard batch.chunks[chunk].decisionMaker.isEmpty else { return }
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
