import TraceModel

/// Puts the spans of a batch that came in any order into chunks, one for each trace.
///
/// For inputs that are not sorted by trace: v0.1 JSON, OTLP. Spans of a trace keep their order, and traces come in the
/// order of their first spans. Takes time and scratch memory linear in the number of spans, and allocates nothing once
/// its arrays have grown. Spans that lie together already are not moved.
struct TraceGrouping: ~Copyable, Sendable {
  /// Upper halves of the spans' trace ids, one for each span of the next `appendChunks`, where the format knows them;
  /// empty where all are 0. Whoever fills it empties it before grouping another part.
  var traceIDHighs = GrowableBuffer<UInt64>()

  /// Makes slots that a client cannot foresee: ids that all met in one slot would take quadratic time. Should they meet
  /// all the same, another one is taken.
  private var seed: TableSeed
  /// Doubles with each new seed, so that no part of a payload takes many.
  private var probesMax = TableSeed.probesMax
  /// Seeds that were given up, for tests.
  private(set) var reseedings = 0
  private var traces = GrowableBuffer<Trace>()
  /// Index in `traces` of each span.
  private var traceOfSpan = GrowableBuffer<UInt32>()
  /// Open addressing: index in `traces` plus 1, or 0 where none is. A power of two, at most half used.
  private var slots = GrowableBuffer<UInt32>()
  private var moved = GrowableBuffer<SpanRecord>()

  // Not private: the optimizer names it from other modules.
  struct Trace: BitwiseCopyable, Sendable {
    var low: UInt64
    var high: UInt64
    /// Spans in it; then where its next span goes.
    var count: Int
  }

  init(seed: TableSeed = .random()) { self.seed = seed }

  /// Memory that it takes for each span at most.
  static let bytesPerSpan =
    MemoryLayout<Trace>.stride + MemoryLayout<SpanRecord>.stride + MemoryLayout<ChunkRecord>.stride
    // The span's number, and four slots.
    + 5 * MemoryLayout<UInt32>.stride

  /// Spans that had to be moved by the last `appendChunks`.
  var movedSpans: Int { moved.count }

  /// Forgets the payload before; keeps at most `SpanBatch.keptBytesPerArray` an array.
  mutating func removeAll() {
    let kept = SpanBatch.keptBytesPerArray
    traceIDHighs.removeAll(keepingBytes: kept)
    traces.removeAll(keepingBytes: kept)
    traceOfSpan.removeAll(keepingBytes: kept)
    slots.removeAll(keepingBytes: kept)
    moved.removeAll(keepingBytes: kept)
  }

  /// Regroups the spans from `first` on, which are in no chunk yet, and appends their chunks.
  ///
  /// With `traceIDHighs` each chunk has the half that its spans came with. Throws when there is no memory for it.
  mutating func appendChunks(spansFrom first: Int, of batch: inout SpanBatch) throws(ValueError) {
    let count = batch.spans.count - first
    forgetLastCall()
    precondition(traceIDHighs.isEmpty || traceIDHighs.count == count, "one upper half a span, or none at all")
    guard count > 0 else { return }
    let isGrouped = try findTraces(spansFrom: first, count, batch)
    guard batch.chunks.reserve(traces.count), isGrouped || moved.reserve(count) else { throw .noMemory(at: 0) }
    var start = first
    for index in 0..<traces.count {
      let end = start + traces[index].count
      traces[index].count = start
      start = end
    }
    if !isGrouped { move(spansFrom: first, count, &batch) }
    appendChunks(spansFrom: first, isGrouped: isGrouped, &batch)
  }

  /// A payload may be grouped in several parts, whose traces have nothing to do with each other. Memory is kept.
  private mutating func forgetLastCall() {
    traces.removeAll()
    traceOfSpan.removeAll()
    slots.removeAll()
    moved.removeAll()
    probesMax = TableSeed.probesMax
  }

  /// Counts the spans of each trace; says whether those of each lie together.
  private mutating func findTraces(
    spansFrom first: Int, _ count: Int, _ batch: borrowing SpanBatch
  ) throws(ValueError) -> Bool {
    var size = 16
    while size < count * 2 { size *= 2 }
    guard slots.reserve(size), traces.reserve(count), traceOfSpan.reserve(count) else { throw .noMemory(at: 0) }
    slots.append(repeating: 0, count: size)
    var isGrouped = true
    var last = -1
    for index in 0..<count {
      let low = batch.spans[first + index].traceID
      let high = traceIDHighs.isEmpty ? 0 : traceIDHighs[index]
      if last < 0 || traces[last].low != low || traces[last].high != high {
        let known = traces.count
        last = trace(low, high, mask: size - 1)
        if last < known { isGrouped = false }
      }
      traces[last].count += 1
      traceOfSpan.append(UInt32(truncatingIfNeeded: last))
    }
    return isGrouped
  }

  /// Index of the trace with this id, which is added when it is new.
  private mutating func trace(_ low: UInt64, _ high: UInt64, mask: Int) -> Int {
    let first = firstSlot(low, high, mask)
    var slot = first
    while slots[slot] != 0 {
      let found = Int(slots[slot]) - 1
      if traces[found].low == low, traces[found].high == high { return found }
      slot = (slot + 1) & mask
    }
    traces.append(Trace(low: low, high: high, count: 0))
    slots[slot] = UInt32(truncatingIfNeeded: traces.count)
    if (slot &- first) & mask > probesMax { reseed(mask) }
    return traces.count - 1
  }

  @inline(__always)
  private func firstSlot(_ low: UInt64, _ high: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: seed.hash(low ^ seed.hash(high))) & mask
  }

  /// Puts the traces found so far into other slots.
  private mutating func reseed(_ mask: Int) {
    reseedings += 1
    seed = .random()
    probesMax *= 2
    slots.removeAll()
    slots.append(repeating: 0, count: mask + 1)
    for index in 0..<traces.count {
      var slot = firstSlot(traces[index].low, traces[index].high, mask)
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(truncatingIfNeeded: index + 1)
    }
  }

  /// Brings each span to its trace's next place, by way of a copy.
  private mutating func move(spansFrom first: Int, _ count: Int, _ batch: inout SpanBatch) {
    for index in first..<first + count { moved.append(batch.spans[index]) }
    for index in 0..<count {
      let trace = Int(traceOfSpan[index])
      batch.spans[traces[trace].count] = moved[index]
      traces[trace].count += 1
    }
  }

  private func appendChunks(spansFrom first: Int, isGrouped: Bool, _ batch: inout SpanBatch) {
    var start = first
    for index in 0..<traces.count {
      // Moved: where the trace ends. Not moved: where it begins, so the next one's beginning is its end.
      let next = index + 1 < traces.count ? traces[index + 1].count : batch.spans.count
      let end = isGrouped ? next : traces[index].count
      var chunk = ChunkRecord()
      chunk.spans = IndexRange(start: start, end: end)
      chunk.traceIDHigh = traces[index].high
      batch.chunks.append(chunk)
      start = end
    }
  }
}
