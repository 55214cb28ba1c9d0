import Platform

/// Where spans are counted into buckets: one receiving thread.
package protocol BucketSource: Sendable {
  /// Takes closed buckets out; all of them when the agent ends.
  func takeBuckets(nowNs: Int64, all: Bool) -> [StatsBucket]

  /// Copies of the buckets that are still being counted into.
  var openBuckets: [StatsBucket] { get }
}

/// All statistics that can be queried: the history and the open buckets of all threads.
///
/// A query sees each bucket exactly once, also while it moves from its source to the history: both happen under one lock.
package final class RecentStatistics: Sendable {
  private let sources: [any BucketSource]
  private let history: Lock<any StatisticsHistory>

  /// - Parameter history: what closed buckets are added to.
  package init(sources: [any BucketSource], history: any StatisticsHistory = LocalHistory()) {
    self.sources = sources
    self.history = Lock(history)
  }

  /// Takes the closed buckets out of their sources and adds them to the history; all of them when the agent ends.
  package func takeBuckets(nowNs: Int64, all: Bool) -> [StatsBucket] {
    history.withLock { history in
      let buckets = sources.flatMap { $0.takeBuckets(nowNs: nowNs, all: all) }
      for bucket in buckets { history.add(bucket, nowNs: nowNs) }
      return buckets
    }
  }

  /// Forgets what is older than the history reaches back.
  package func expire(nowNs: Int64) { history.withLock { $0.expire(nowNs: nowNs) } }

  /// History and open buckets of the time since `sinceNs`.
  package func collect(sinceNs: Int64) -> LocalAggregate {
    // Copies and a snapshot: gathering takes long, and a flush must not wait for it.
    let (past, open) = history.withLock { history in (history.snapshot(), sources.flatMap(\.openBuckets)) }
    var aggregate = LocalAggregate()
    past.collect(sinceNs: sinceNs, into: &aggregate)
    for bucket in open where bucket.startNs.addingReportingOverflow(LocalHistory.minuteNs).partialValue > sinceNs {
      aggregate.add(bucket)
    }
    return aggregate
  }
}
