/// What keeps statistics and traces, and whether it takes them.
package struct StoreSummary: Sendable, Equatable, Codable {
  /// The path of the file; `:memory:` when there is none.
  package var path: String
  /// Buckets of statistics written since the agent started: one each for each receiving thread.
  package var writtenBuckets: UInt64 = 0
  /// Buckets that could not be written, or were too many at once.
  package var lostBuckets: UInt64 = 0
  /// Trace chunks that were written since the agent started, and their spans.
  package var storedTraces = StoredCounts()
  /// Those that wait to be written.
  package var waitingTraces = StoredCounts()
  /// Those that were left out because there were too many at once.
  package var thinnedTraces = StoredCounts()
  /// Those that could not be written, and those of which one alone was too large.
  package var lostTraces = StoredCounts()
  /// What all that is kept takes, in bytes.
  package var usedBytes: UInt64 = 0
  /// How long ago the oldest traces came, in ns; `nil` when there are none.
  package var oldestTraceAgeNs: UInt64?
  /// Why writing failed the last time; `nil` while it works.
  package var failure: String?

  /// Nothing written yet, to be filled in.
  package init(path: String) { self.path = path }
}

/// Trace chunks and their spans, of which the store has heard.
package struct StoredCounts: Sendable, Equatable, Codable {
  /// Trace chunks: the spans of one trace in one payload.
  package var traces: UInt64
  /// Spans inside these trace chunks, all of them together.
  package var spans: UInt64

  /// Zero, unless some are given.
  package init(traces: UInt64 = 0, spans: UInt64 = 0) {
    self.traces = traces
    self.spans = spans
  }
}
