import Traces

/// The chunks of candidate blocks, from the latest start to the earliest, within a range of time.
///
/// Blocks overlap in time, as chunks come later than they start: a block is looked into when no chunk of the blocks before
/// it can be later than its latest.
final class ChunkWalk {
  private let traces: TraceDatabase
  private let candidates: CandidateBlocks
  private let range: Range<Int64>
  /// The one that begins last at the end.
  private var blocks: [TraceDatabase.Block]
  /// A heap: no row is later than the one at half its place.
  private var heap: [ChunkRow] = []

  init(_ traces: TraceDatabase, _ candidates: CandidateBlocks, range: Range<Int64>) {
    self.traces = traces
    self.candidates = candidates
    self.range = range
    blocks = traces.blocks.filter { block in
      block.maxStartNs >= range.lowerBound && block.minStartNs < range.upperBound
        && candidates.blocks?.contains(block.id) ?? true
    }.sorted { ($0.maxStartNs, $0.id) < ($1.maxStartNs, $1.id) }
  }

  /// No chunk that is still to come is later than this; `nil` when none is to come.
  var nextStartNs: Int64? {
    guard let first = heap.first else { return blocks.last.map { min($0.maxStartNs, range.upperBound &- 1) } }
    return max(first.orderNs, blocks.last?.maxStartNs ?? .min)
  }

  /// The next chunk; `nil` behind the last.
  func next() throws(StoreError) -> ChunkRow? {
    while let block = blocks.last, heap.first.map({ $0.orderNs <= block.maxStartNs }) ?? true {
      blocks.removeLast()
      try open(block)
    }
    return pop()
  }

  /// Does a bounded piece of the work towards the next chunk.
  /// - Returns: a chunk; or `nil`, when another block has to be looked into first, or none is left.
  func step() throws(StoreError) -> ChunkRow? {
    if let block = blocks.last, heap.first.map({ $0.orderNs <= block.maxStartNs }) ?? true {
      blocks.removeLast()
      try open(block)
      return nil
    }
    return pop()
  }

  private func open(_ block: TraceDatabase.Block) throws(StoreError) {
    let packed = candidates.words == .any ? nil : try traces.unpack(block)
    try traces.forEachRow(from: block.firstChunk, count: block.chunks) { row in
      guard range.contains(row.orderNs), !candidates.needsError || row.errors > 0 else { return }
      if let packed {
        let index = Int(row.id &- block.firstChunk)
        guard candidates.words.mayHold({ packed.mayHold([$0], inChunk: index) }) else { return }
      }
      push(row)
    }
  }

  private func push(_ row: ChunkRow) {
    var place = heap.count
    heap.append(row)
    while place > 0, heap[(place - 1) / 2].orderNs < heap[place].orderNs {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private func pop() -> ChunkRow? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      var place = 0
      while true {
        var largest = place
        for child in [2 * place + 1, 2 * place + 2]
        where child < heap.count && heap[child].orderNs > heap[largest].orderNs { largest = child }
        if largest == place { break }
        heap.swapAt(place, largest)
        place = largest
      }
    }
    return first
  }
}
