import Compression
import Exporting
import Platform
import Statistics

/// Moves what the shards have gathered on: closed statistics buckets to the local history and to the intake, payloads of
/// traces to the forwarder.
final class Flusher: Sendable {
  /// Makes payloads of statistics and the languages of their tracers.
  typealias StatsEncoding = @Sendable (StatsPayload, [String]) throws(CompressionError) -> [OutgoingPayload]

  static let encodeStats: StatsEncoding = { (payload, languages) throws(CompressionError) in
    try StatsPayloadEncoder().encode(payload, reportedLanguages: languages)
  }

  private let shards: [ReceivingShard]
  private let assembler: StatsAssembler
  private let forwarder: Forwarder?
  private let accounting: DeliveryAccounting
  private let log: Log
  private let traceFlushNs: Int64
  private let encodeStats: StatsEncoding
  let history: Lock<LocalHistory>

  init(
    shards: [ReceivingShard], assembler: StatsAssembler, forwarder: Forwarder?, accounting: DeliveryAccounting,
    log: Log,
    traceFlushNs: Int64,
    encodeStats: @escaping StatsEncoding = Flusher.encodeStats
  ) {
    self.shards = shards
    self.assembler = assembler
    self.forwarder = forwarder
    self.accounting = accounting
    self.log = log
    self.traceFlushNs = traceFlushNs
    self.encodeStats = encodeStats
    history = Lock(LocalHistory())
  }

  func flushTraces(nowNs: Int64) {
    for shard in shards { shard.flushTraces(nowNs: nowNs, periodNs: traceFlushNs) }
  }

  func flushStats(nowNs: Int64) {
    forward(takeBuckets(nowNs: nowNs, all: false))
    history.withLock { $0.expire(nowNs: nowNs) }
  }

  /// Everything that is still open, when the agent ends.
  func flushAll(nowNs: Int64) {
    for shard in shards { shard.flushTraces(nowNs: nowNs, periodNs: .min) }
    forward(takeBuckets(nowNs: nowNs, all: true))
  }

  /// A question may come between taking a bucket from its shard and adding it to the history; both happen under the
  /// history's lock, so that no answer misses it.
  private func takeBuckets(nowNs: Int64, all: Bool) -> [StatsBucket] {
    history.withLock { history in
      let buckets = shards.flatMap { $0.takeBuckets(nowNs: nowNs, all: all) }
      for bucket in buckets { history.add(bucket, nowNs: nowNs) }
      return buckets
    }
  }

  /// History and open buckets of the time since `sinceNs`.
  func collect(sinceNs: Int64) -> LocalAggregate {
    // Copies, which share their memory with the originals: gathering takes long, and a flush must not wait for it.
    let (past, open) = history.withLock { history in (history, shards.flatMap(\.openBuckets)) }
    var aggregate = LocalAggregate()
    past.collect(sinceNs: sinceNs, into: &aggregate)
    for bucket in open where bucket.startNs.addingReportingOverflow(60_000_000_000).partialValue > sinceNs {
      aggregate.add(bucket)
    }
    return aggregate
  }

  private func forward(_ buckets: [StatsBucket]) {
    guard let forwarder, !buckets.isEmpty else { return }
    var random = SystemRandomNumberGenerator()
    guard let payload = assembler.assemble(buckets, random: &random) else { return }
    let languages = Set(payload.stats.map(\.lang)).filter { !$0.isEmpty }.sorted()
    do throws(CompressionError) {
      for outgoing in try encodeStats(payload, languages) { forwarder.enqueue(outgoing) }
    } catch {
      accounting.recordStatsEncodingError()
      log.error("statistics of \(buckets.count) buckets are lost: \(error)")
    }
  }
}
