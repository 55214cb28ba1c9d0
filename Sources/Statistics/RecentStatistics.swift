import Platform

/// Where spans are counted into buckets: one receiving thread.
package protocol BucketSource: Sendable {
  /// Takes closed buckets out, those that were left to clients among them; all of them when the agent ends. `nil` when the
  /// thread is busy until the deadline: they stay for the next time.
  func takeBuckets(nowNs: Int64, all: Bool, until deadline: ContinuousClock.Instant) -> [StatsBucket]?

  /// Copies of the buckets that are still being counted into; `nil` when the thread is busy until the deadline.
  func openBuckets(until deadline: ContinuousClock.Instant) -> [StatsBucket]?
}

/// Tells the open buckets of all receiving threads apart, but for those that were left to clients.
package struct BucketPlace: Hashable, Sendable {
  /// Which thread counts into it, from 0 on.
  package let source: Int
  /// Start of the bucket, in ns since 1970.
  package let startNs: Int64

  package init(source: Int, startNs: Int64) {
    self.source = source
    self.startNs = startNs
  }
}

/// All statistics that can be queried: the history and the open buckets of all threads.
///
/// A query sees each bucket exactly once, also while it moves from its source to the history: both happen under one lock.
package final class RecentStatistics: Sendable {
  private let sources: [any BucketSource]
  /// Width of the narrowest step in which hits are kept, in ns.
  package let bucketSizeNs: Int64
  private let history: Lock<any StatisticsHistory>
  private let older: (any OlderStatistics)?
  private let senders: ClientStatisticsSenders
  /// How long a query waits for threads that are busy: what such a thread counts is in a later answer. No flush may have
  /// to wait for a thread that works without end.
  private static let copyingLimit = Duration.seconds(1)

  /// - Parameters:
  ///   - bucketSizeNs: width of the sources' buckets.
  ///   - history: what closed buckets are added to; `nil` is an hour in memory.
  ///   - older: what was counted before the history begins.
  ///   - senders: whose clients count spans themselves, as the sources know it too.
  package init(
    sources: [any BucketSource], bucketSizeNs: Int64 = 10_000_000_000, history: (any StatisticsHistory)? = nil,
    older: (any OlderStatistics)? = nil, senders: ClientStatisticsSenders = ClientStatisticsSenders()
  ) {
    self.sources = sources
    self.bucketSizeNs = max(bucketSizeNs, 1)
    self.history = Lock(history ?? LocalHistory(bucketSizeNs: bucketSizeNs))
    self.older = older
    self.senders = senders
  }

  /// Takes the closed buckets out of their sources and adds them to the history; all of them when the agent ends. Of what
  /// was left to clients, what none of them has counted.
  /// - Parameter deadline: what is busy until then is left for the next time, and the buckets are not all.
  /// - Returns: also which buckets of which threads they are.
  package func takeBuckets(
    nowNs: Int64, all: Bool, until deadline: ContinuousClock.Instant
  ) -> (buckets: [StatsBucket], places: [BucketPlace], areAll: Bool) {
    let taken = history.withLock(until: deadline) { history in
      let ofSources = sources.map { $0.takeBuckets(nowNs: nowNs, all: all, until: deadline) }
      let buckets = senders.uncounted(of: ofSources.flatMap { $0 ?? [] }, nowNs: nowNs)
      for bucket in buckets { history.add(bucket, nowNs: nowNs) }
      let places = ofSources.enumerated().flatMap { source, buckets in
        (buckets ?? []).filter { !$0.isLeftToClients }.map { BucketPlace(source: source, startNs: $0.startNs) }
      }
      return (buckets, places, !ofSources.contains { $0 == nil })
    }
    return taken ?? ([], [], false)
  }

  /// Of what closed, the spans that were left to clients which send no statistics, by who said that it counts them.
  package func missing(in closed: [StatsBucket], nowNs: Int64) -> [StatisticsSender: UInt64] {
    senders.missing(in: closed, nowNs: nowNs)
  }

  /// Forgets what is older than the history reaches back, or leaves it for the next time when a query is at work.
  package func expire(nowNs: Int64, until deadline: ContinuousClock.Instant) {
    _ = history.withLock(until: deadline) { $0.expire(nowNs: nowNs) }
  }

  /// How far back a query may reach, in ns.
  package var reachNs: Int64 { max(LocalHistory.hourNs, older?.reachNs ?? 0) }

  /// Whether all that was counted since `sinceNs` is in memory, so that nothing is read from a store; false, too, when that
  /// is not known by the deadline.
  package func isInMemory(sinceNs: Int64, until deadline: ContinuousClock.Instant) -> Bool {
    guard older != nil else { return true }
    let answer = history.withLock(until: deadline) { history in
      let past = history.snapshot()
      return past.periodStartNs(at: sinceNs) >= past.sinceNs
    }
    return answer ?? false
  }

  /// Adds history and open buckets of the series' time to it, each period to the step in which it begins.
  package func collect(into series: inout LocalSeries) {
    let (past, open, missing) = copies()
    series.missingSources = missing
    if let older, series.startNs < past.sinceNs {
      older.collect(untilNs: past.sinceNs, into: &series)
    }
    past.collect(into: &series)
    for bucket in open { series.add(bucket) }
  }

  /// History and open buckets of the time from `sinceNs` to `untilNs`, from the beginning of the step that holds the one
  /// to that of the step that holds the other: times that adjoin count every hit once.
  /// - Parameter version: only hits of this version; `nil` for all.
  package func collect(sinceNs: Int64, untilNs: Int64 = .max, version: String? = nil) -> LocalAggregate {
    // Copies and a snapshot: gathering takes long, and a flush must not wait for it.
    let (past, open, missing) = copies()
    var aggregate = LocalAggregate(version: version)
    aggregate.missingSources = missing
    let sinceNs = max(sinceNs, 0)
    aggregate.startNs = min(past.periodStartNs(at: sinceNs), BucketClock.align(sinceNs, bucketSizeNs))
    aggregate.endNs = end(at: untilNs, past)
    if let older, aggregate.startNs < past.sinceNs {
      let first = older.collect(
        sinceNs: aggregate.startNs, untilNs: min(past.sinceNs, aggregate.endNs), into: &aggregate)
      aggregate.startNs = first ?? min(past.sinceNs, aggregate.endNs)
    }
    past.collect(sinceNs: aggregate.startNs, untilNs: aggregate.endNs, into: &aggregate)
    for bucket in open where bucket.startNs >= aggregate.startNs && bucket.startNs < aggregate.endNs {
      aggregate.add(bucket)
    }
    return aggregate
  }

  private func copies() -> (past: any StatisticsSnapshot, open: [StatsBucket], missing: Int) {
    let deadline = ContinuousClock.now + Self.copyingLimit
    let (past, open, missing) = history.withLock { history in
      let open = sources.compactMap { $0.openBuckets(until: deadline) }
      return (history.snapshot(), open.flatMap(\.self), sources.count - open.count)
    }
    return (past, senders.uncounted(ofOpen: open), missing)
  }

  /// Where the step begins that holds `untilNs`.
  private func end(at untilNs: Int64, _ past: any StatisticsSnapshot) -> Int64 {
    guard untilNs < .max else { return .max }
    if let older, untilNs < past.sinceNs { return older.periodStartNs(at: untilNs) }
    return min(past.periodStartNs(at: untilNs), BucketClock.align(max(untilNs, 0), bucketSizeNs))
  }
}
