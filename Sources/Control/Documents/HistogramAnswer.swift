import JSON

/// The spans whose durations lie in one range.
package struct HistogramBin: Sendable, Equatable, Codable {
  /// Where the range begins, nanoseconds; durations of exactly this length may be counted in the range before.
  package var fromNs: UInt64
  /// Where the range ends, nanoseconds.
  package var toNs: UInt64
  /// How many spans are in this bin.
  package var hits: UInt64

  /// So many hits between two durations in nanoseconds.
  package init(fromNs: UInt64, toNs: UInt64, hits: UInt64) {
    self.fromNs = fromNs
    self.toNs = toNs
    self.hits = hits
  }
}

/// How durations are spread: from the sketch behind the percentiles, so its ranges grow by a constant factor.
package struct HistogramAnswer: Sendable, Equatable, JSONDocument {
  package static let schema = "roost.histogram.v1"
  /// Ranges at most; neighbours are joined, two and two, until there are no more.
  package static let binsMax = 64

  /// The time whose hits are counted.
  package var covered: CoveredTime
  /// How many spans all bins have together.
  package var hits: UInt64
  /// Percentiles over the same spans.
  @Flattened package var latency: LatencyQuantiles
  /// Shortest first and without a gap between them; those in between that have no hits are there too.
  package var bins: [HistogramBin]

  /// The bins, and the percentiles of the same spans.
  package init(covered: CoveredTime, hits: UInt64, latency: LatencyQuantiles, bins: [HistogramBin]) {
    self.covered = covered
    self.hits = hits
    self.latency = latency
    self.bins = bins
  }
}
