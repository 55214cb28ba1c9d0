/// What a store has done so far.
package struct StoreCounters: Sendable, Equatable {
  /// Periods written: one for each bucket of each receiving thread.
  package var written = 0
  /// Periods that could not be written, or were too many at once.
  package var lost = 0
  /// Chunks of traces that were written, and their spans.
  package var storedTraces = ChunkCounts()
  /// Chunks of traces that could not be written, or were too many at once, and their spans.
  package var lostTraces = ChunkCounts()
  /// Bytes that the store takes, of pages in use.
  package var usedBytes: Int64 = 0
  /// When the oldest traces came, in ns since 1970; `nil` when there are none.
  package var oldestTraceNs: Int64?
  /// Why writing failed the last time; `nil` while it works.
  package var failure: String?
  /// Why what is old could not be removed the last time; `nil` while it can be.
  package var cleanUpFailure: String?
}

/// Chunks of traces and their spans.
package struct ChunkCounts: Sendable, Equatable {
  package var chunks = 0
  package var spans = 0

  /// None, unless some are given.
  package init(chunks: Int = 0, spans: Int = 0) {
    self.chunks = chunks
    self.spans = spans
  }

  /// All chunks of a block.
  package init(_ block: TraceBlock) {
    self.init(chunks: block.chunks.count, spans: block.chunks.reduce(0) { $0 &+ Int(max($1.spanCount, 0)) })
  }

  /// Adds each of the counts to its like.
  package static func += (counts: inout ChunkCounts, more: ChunkCounts) {
    counts.chunks &+= more.chunks
    counts.spans &+= more.spans
  }

  static func -= (counts: inout ChunkCounts, fewer: ChunkCounts) {
    counts.chunks &-= fewer.chunks
    counts.spans &-= fewer.spans
  }
}
