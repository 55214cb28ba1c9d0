import Compression
import Exporting
import Statistics
import Store

/// Moves what the shards have gathered on: closed statistics buckets to the history, the store and the outputs of
/// statistics, payloads of traces to the forwarder.
final class Flusher: Sendable {
  private let shards: [ReceivingShard]
  private let statistics: RecentStatistics
  private let outputs: [any StatisticsOutput]
  private let forwarder: Forwarder?
  private let store: HistoryStore?
  private let bucketSizeNs: Int64
  private let missingStatistics: MissingStatistics
  private let accounting: DeliveryAccounting
  private let log: Log
  /// `nil` where requests are answered without being on disk.
  private let requests: RequestJournal?
  /// `nil` where what open buckets have counted is not kept on disk.
  private let checkpoint: StatisticsCheckpoint?

  init(
    shards: [ReceivingShard], statistics: RecentStatistics, outputs: [any StatisticsOutput], forwarder: Forwarder?,
    store: HistoryStore? = nil, bucketSizeNs: Int64, missingStatistics: MissingStatistics,
    accounting: DeliveryAccounting, requests: RequestJournal? = nil, checkpoint: StatisticsCheckpoint? = nil, log: Log
  ) {
    self.shards = shards
    self.statistics = statistics
    self.outputs = outputs
    self.forwarder = forwarder
    self.store = store
    self.bucketSizeNs = bucketSizeNs
    self.missingStatistics = missingStatistics
    self.accounting = accounting
    self.requests = requests
    self.checkpoint = checkpoint
    self.log = log
  }

  /// Sends the payloads that have waited as long as their outputs let them; all of them while an intake takes nothing, so
  /// that they are on disk after a second. To be called twice a second.
  func flushTraces(nowNs: Int64, until deadline: ContinuousClock.Instant = .soon) {
    let force = forwarder?.isSpooling == true
    for shard in shards { shard.flush(nowNs: nowNs, force: force, until: deadline) }
  }

  /// Moves the buckets on that have closed since the last time. To be called after each boundary of a bucket.
  /// - Returns: false when a request or a query was at work until the deadline, so that there may be more.
  @discardableResult
  func flushStats(nowNs: Int64, until deadline: ContinuousClock.Instant = .soon) -> Bool {
    let (buckets, places, areAll) = statistics.takeBuckets(nowNs: nowNs, all: false, until: deadline)
    output(buckets, places, nowNs: nowNs)
    if areAll { requests?.noteStatistics(closedAtNs: nowNs) }
    statistics.expire(nowNs: nowNs, until: deadline)
    return areAll
  }

  /// When `keepOpenStatistics` is due; `nil` where it has nothing to do.
  var openStatisticsDue: ContinuousClock.Instant? { checkpoint?.due }

  /// Keeps on disk what open buckets have counted since the last time. To be called when it is due while something comes.
  func keepOpenStatistics() {
    // One deadline for all of them: threads that are stuck must not add up.
    let soon = ContinuousClock.Instant.soon
    checkpoint?.write(threads: shards.count) { shards[$0].settledBuckets(until: soon) }
  }

  /// Sends what earlier agents had counted and not sent when they ended suddenly. It does not show in the tables of this
  /// machine, which the store has.
  func sendEarlierStatistics() {
    checkpoint?.recover(accounting, log: log) { [self] buckets, closing in
      let takers = forwarder?.takers(.stats) ?? 0
      send(buckets, closing) { accounting.recordRestored($0, destinations: takers) }
    }
  }

  /// Everything that is still open, when the agent ends; what a request holds until the deadline is left out. The deadline
  /// is later than any query's, which may be at work.
  func flushAll(nowNs: Int64, until deadline: ContinuousClock.Instant = .now + .milliseconds(1_200)) {
    for shard in shards { shard.flush(nowNs: nowNs, force: true, until: deadline) }
    let (buckets, places, areAll) = statistics.takeBuckets(nowNs: nowNs, all: true, until: deadline)
    output(buckets, places, nowNs: nowNs)
    if areAll { requests?.noteAllStatistics() }
  }

  private func output(_ buckets: [StatsBucket], _ places: [BucketPlace], nowNs: Int64) {
    let closing = checkpoint?.close(places)
    defer { closing?.end() }
    guard !buckets.isEmpty else { return }
    let missing = statistics.missing(in: buckets, nowNs: nowNs)
    for line in missingStatistics.note(missing, nowNs: nowNs) { log.warn(kind: "client statistics", line) }
    store?.add(buckets, bucketSizeNs: bucketSizeNs, nowNs: nowNs)
    send(buckets, closing, note: accounting.recordMade)
  }

  /// Makes payloads and hands them to the forwarder.
  /// - Parameter note: counts what is in each of them.
  private func send(
    _ buckets: [StatsBucket], _ closing: StatisticsCheckpoint.Closing?, note: (PayloadCounts) -> Void
  ) {
    for output in outputs {
      do throws(CompressionError) {
        let saturated = try output.makePayloads(of: buckets) { made in
          var payload = made
          note(payload.counts)
          if let closing { checkpoint?.cover(&payload, by: closing) } else { requests?.cover(statistics: &payload) }
          forwarder?.enqueue(payload)
        }
        accounting.recordSaturatedSums(saturated)
      } catch {
        accounting.recordEncodingError(of: output.kind)
        log.error("statistics of \(buckets.count) buckets are lost: \(error)")
      }
    }
  }
}

extension ContinuousClock.Instant {
  /// How long the main thread waits for a request that is at work: not so long that a signal would go unheard.
  static var soon: Self { .now + .milliseconds(250) }
}
