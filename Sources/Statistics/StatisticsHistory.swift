/// Closed buckets of the past, for whoever queries them: in memory for an hour (`LocalHistory`), or wherever a store
/// keeps them.
package protocol StatisticsHistory: Sendable {
  /// Takes over a closed bucket of one shard. One from the future counts as of now.
  mutating func add(_ bucket: StatsBucket, nowNs: Int64)

  /// Forgets what is older than the history reaches back.
  mutating func expire(nowNs: Int64)

  /// What has been added until now. Cheap, as nothing can be added meanwhile; reading it may take its time, and what is
  /// added then does not show in it.
  func snapshot() -> any StatisticsSnapshot
}

/// What was counted before the history begins, also by agents that have ended: a store.
package protocol OlderStatistics: Sendable {
  /// How far back it may reach, in ns.
  var reachNs: Int64 { get }

  /// Where the period begins that holds `timeNs`: what is added together can only be had together.
  func periodStartNs(at timeNs: Int64) -> Int64

  /// Adds what was counted from `sinceNs` on and before `untilNs` to an aggregate. May read from a disk.
  /// - Returns: where it begins, ns since 1970; `nil` when there is nothing, or it cannot be read.
  func collect(sinceNs: Int64, untilNs: Int64, into aggregate: inout LocalAggregate) -> Int64?

  /// Adds every period that begins within the series and before `untilNs`. May read from a disk.
  func collect(untilNs: Int64, into series: inout LocalSeries)
}

/// A history as it was at one moment.
package protocol StatisticsSnapshot: Sendable {
  /// All that was counted from here on is in it, ns since 1970.
  var sinceNs: Int64 { get }

  /// Where the step begins that holds `timeNs`: what is added together can only be had together.
  func periodStartNs(at timeNs: Int64) -> Int64

  /// Adds all of the time since `sinceNs` to an aggregate, and what was counted in one step with it; nothing of a step
  /// that begins at `untilNs` or later.
  func collect(sinceNs: Int64, untilNs: Int64, into aggregate: inout LocalAggregate)

  /// Adds every period that begins within the series.
  func collect(into series: inout LocalSeries)
}

extension StatisticsSnapshot {
  /// Adds all of the time since `sinceNs` to an aggregate.
  package func collect(sinceNs: Int64, into aggregate: inout LocalAggregate) {
    collect(sinceNs: sinceNs, untilNs: .max, into: &aggregate)
  }
}

/// A copy shares its memory with the original, so that it is a snapshot.
extension LocalHistory: StatisticsHistory, StatisticsSnapshot {
  package func snapshot() -> any StatisticsSnapshot { self }
}
