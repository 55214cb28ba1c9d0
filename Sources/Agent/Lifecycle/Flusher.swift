import Exporting
import Platform
import Statistics

/// Moves what the shards have gathered on: closed statistics buckets to the local history and to the intake, payloads of
/// traces to the forwarder.
final class Flusher: Sendable {
  private let shards: [ReceivingShard]
  private let assembler: StatsAssembler
  private let forwarder: Forwarder?
  private let log: Log
  private let traceFlushNs: Int64
  let history: Lock<LocalHistory>

  init(
    shards: [ReceivingShard], assembler: StatsAssembler, forwarder: Forwarder?, log: Log, traceFlushNs: Int64
  ) {
    self.shards = shards
    self.assembler = assembler
    self.forwarder = forwarder
    self.log = log
    self.traceFlushNs = traceFlushNs
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
    history.withLock { history in
      var aggregate = LocalAggregate()
      history.collect(sinceNs: sinceNs, into: &aggregate)
      for bucket in shards.flatMap(\.openBuckets)
      where bucket.startNs.addingReportingOverflow(60_000_000_000).partialValue > sinceNs {
        aggregate.add(bucket)
      }
      return aggregate
    }
  }

  private func forward(_ buckets: [StatsBucket]) {
    guard let forwarder, !buckets.isEmpty else { return }
    var random = SystemRandomNumberGenerator()
    guard let payload = assembler.assemble(buckets, random: &random) else { return }
    do {
      let languages = Set(payload.stats.map(\.lang)).filter { !$0.isEmpty }.sorted()
      for outgoing in try StatsPayloadEncoder().encode(payload, reportedLanguages: languages) {
        forwarder.enqueue(outgoing)
      }
    } catch {
      log.error("statistics of \(buckets.count) buckets are lost: \(error)")
    }
  }
}
