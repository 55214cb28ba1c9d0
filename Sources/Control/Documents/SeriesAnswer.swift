import JSON

/// One line over time: a number for each step, in the order of time.
package struct SeriesRow: Sendable, Equatable, Codable {
  /// Whose it is; empty for a series over several services.
  package var service: String
  /// Empty for a series over several environments, and where the client sent none.
  package var env: String
  /// `nil` unless there is a series for each resource.
  package var resource: String?
  /// The span name (`flask.request`); `nil` unless there is a series for each resource.
  package var operation: String?
  /// Spans that ended in each step.
  package var hits: [UInt64]
  /// Those of the hits that carry an error.
  package var errors: [UInt64]
  /// Median duration in each step, in nanoseconds; 0 where there was no hit, `nil` when it was not asked for.
  package var p50Ns: [UInt64]?
  /// What 75 % of the durations in each step were at most, in nanoseconds.
  package var p75Ns: [UInt64]?
  /// What 95 % of the durations in each step were at most, in nanoseconds.
  package var p95Ns: [UInt64]?
  /// What 99 % of the durations in each step were at most, in nanoseconds.
  package var p99Ns: [UInt64]?

  /// A series of counts, without percentiles.
  package init(
    service: String, env: String, resource: String? = nil, operation: String? = nil, hits: [UInt64], errors: [UInt64]
  ) {
    self.service = service
    self.env = env
    self.resource = resource
    self.operation = operation
    self.hits = hits
    self.errors = errors
  }

  /// Gives each step its percentiles.
  package mutating func setLatency(_ steps: [LatencyQuantiles]) {
    p50Ns = steps.map(\.p50Ns)
    p75Ns = steps.map(\.p75Ns)
    p95Ns = steps.map(\.p95Ns)
    p99Ns = steps.map(\.p99Ns)
  }
}

/// Statistics over time. All series have the same steps; the last one holds now, and so has not all its hits yet.
package struct SeriesAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.series.v1"
  package static let memberNames = ["firstStepNs": "first_step", "rows": "series"]
  /// Steps of a series at most; a wider step is taken when there would be more.
  package static let stepsMax = 400
  /// Series in an answer at most, the busiest ones.
  package static let rowsMax = 1_000
  /// Series with percentiles in an answer at most: each is six lists of numbers.
  package static let latencyRowsMax = 100

  /// Where the first step begins, nanoseconds since 1970.
  @Timestamp package var firstStepNs: Int64
  /// Width of every step, nanoseconds.
  package var stepNs: Int64
  /// The time in which there were statistics: it may begin within a step.
  package var covered: CoveredTime
  /// The lines, the busiest of them first.
  package var rows: [SeriesRow]
  /// Series that there would be besides; `nil` when all are there.
  package var leftOut: UInt64?

  /// Series from `firstStepNs` (nanoseconds since 1970) on, busiest first.
  package init(firstStepNs: Int64, stepNs: Int64, covered: CoveredTime, rows: [SeriesRow], leftOut: Int = 0) {
    self.firstStepNs = firstStepNs
    self.stepNs = stepNs
    self.covered = covered
    self.rows = rows
    self.leftOut = leftOut > 0 ? UInt64(leftOut) : nil
  }
}
