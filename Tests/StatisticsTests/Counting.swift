import Processing
import TestFixtures
import TestSpans
import TraceModel

@testable import Statistics

let second: Int64 = 1_000_000_000
let start = TestSpan.someTimeNs

/// A concentrator with what it takes to feed it, and to see what it would send.
struct Counting: ~Copyable {
  var concentrator: Concentrator
  private var processor = Processor(configuration: ProcessingConfiguration())
  private let keys: KeyTable
  var hostname = "agent-host"

  init(nowNs: Int64 = start, _ change: (inout ConcentratorConfiguration) -> Void = { _ in }) {
    var configuration = ConcentratorConfiguration()
    change(&configuration)
    keys = KeyTable(peerTags: PeerTags.standard)
    concentrator = Concentrator(configuration: configuration, keys: keys, nowNs: nowNs)
  }

  mutating func add(
    _ traces: [[TestSpan]], nowNs: Int64 = start, isForwarded: Bool = true,
    payload: (inout SpanBatch) -> Void = { _ in }, afterProcessing: (inout SpanBatch) -> Void = { _ in }
  ) throws {
    try withBatch(traces, keys: keys) { batch in
      payload(&batch)
      let facts = RequestFacts(nowNs: nowNs, language: .empty, clientComputedTopLevel: false)
      processor.process(&batch, facts)
      afterProcessing(&batch)
      concentrator.add(batch, nowNs: nowNs, isForwarded: isForwarded)
    }
  }

  /// Statistics that a client computed, a group for each trace of one span; `fill` says what was counted of them.
  mutating func addComputed(
    _ traces: [[TestSpan]], nowNs: Int64 = start, _ fill: (inout SpanBatch, inout ClientStatistics) -> Void
  ) throws {
    try withBatch(traces, keys: keys) { batch in
      let facts = RequestFacts(nowNs: nowNs, language: .empty, clientComputedTopLevel: true)
      processor.processStatistics(&batch, facts, isObfuscated: false)
      var statistics = ClientStatistics()
      fill(&batch, &statistics)
      concentrator.add(statistics, batch, nowNs: nowNs)
    }
  }

  /// What is sent when everything closes.
  mutating func payload(seed: UInt64 = 1) -> StatsPayload {
    assemble(concentrator.takeBuckets(nowNs: start, all: true), seed: seed)
  }

  func assemble(_ buckets: [StatsBucket], seed: UInt64 = 1) -> StatsPayload {
    var random = SeededGenerator(seed: seed)
    let assembler = StatsAssembler(
      keys: keys, agentHostname: "agent-host", agentEnv: "agent-env", agentVersion: "1.2", bucketSizeNs: 10 * second)
    var whole = StatsPayload()
    _ = assembler.assemble(buckets, limit: .init(groupsMax: .max, bytesMax: .max), random: &random) { whole = $0 }
    return whole
  }

  /// The groups that are sent, of all clients and buckets.
  mutating func groups() -> [ClientGroupedStats] { payload().groups }
}

extension StatsPayload {
  var groups: [ClientGroupedStats] { stats.flatMap { $0.stats.flatMap(\.stats) } }
}

/// The groups for one payload.
func groups(
  _ traces: [[TestSpan]], _ change: (inout ConcentratorConfiguration) -> Void = { _ in }
) throws -> [ClientGroupedStats] {
  var counting = Counting(change)
  try counting.add(traces)
  return counting.groups()
}
