import Compression
import Control
import Exporting
import Platform
import Statistics
import TestSpans
import Testing

@testable import Agent

/// Counts the spans in the buckets that would be forwarded, by the start of the bucket.
private final class BucketSpans: StatisticsOutput {
  let kind = OutgoingPayload.Kind.stats
  private let counted = Lock<[Int64: UInt64]>([:])

  var spans: [Int64: UInt64] { counted.withLock { $0 } }

  func makePayloads(of buckets: [StatsBucket], take: (OutgoingPayload) -> Void) throws(CompressionError) -> UInt64 {
    counted.withLock { counted in
      for bucket in buckets { counted[bucket.startNs, default: 0] += bucket.spanCounts.reduce(0, +) }
    }
    return 0
  }
}

@Suite struct `Spans of odd times` {
  private static let second: Int64 = 1_000_000_000
  private static let nowNs = TestSpan.someTimeNs + second

  /// Start and duration, and whether the end lies more than a bucket ahead once both are repaired.
  private static let times: [(startNs: Int64, durationNs: Int64, isAhead: Bool)] = [
    (nowNs - 5, 5, false), (nowNs, 5 * second, false), (nowNs + 10 * second, 0, false), (nowNs + 10 * second, 1, true),
    (.max - 9, 0, true), (.max - 9, 9, true), (.max - 9, 100, true), (.max, .max, true), (nowNs, .max - nowNs, true),
    (nowNs, 31_536_000 * second, true), (nowNs + 3_600 * second, 5, true), (7_258_118_400 * second, 5, true),
    (.min, .min, false), (.min, .max, true), (-5, -5, false), (0, 0, false), (nowNs - 3_600 * second, 5, false),
    (nowNs - 31_536_000 * second, 1, false),
  ]

  /// Hits of all that the commands can show of the last hour.
  private func hits(_ agent: AgentUnderTest, since: Int64) throws -> [String: UInt64] {
    let range = TimeRange(sinceNs: since)
    guard case .services(let ranged) = agent.queries.answer(.services(ServicesQuery(range: range))),
      case .histogram(let histogram) = agent.queries.answer(.histogram(HistogramQuery(range: range))),
      case .series(let series) = agent.queries.answer(.series(SeriesQuery(range: range)))
    else { throw AgentUnderTest.Broken() }
    let services = try agent.services()
    return [
      "services": services.reduce(0) { $0 + $1.hits }, "services of a time": ranged.rows.reduce(0) { $0 + $1.hits },
      "resources": try services.flatMap { try agent.resources(of: $0.service) }.reduce(0) { $0 + $1.hits },
      "histogram": histogram.hits, "series": series.rows.flatMap(\.hits).reduce(0, +),
    ]
  }

  @Test func `are in every table and in what is forwarded, once and as of now, and those ahead are said`() throws {
    let forwarded = BucketSpans()
    let agent = try AgentUnderTest(outputs: AgentOutputs(statistics: [forwarded]))
    #expect(agent.nowNs == Self.nowNs)
    for (number, time) in Self.times.enumerated() {
      let span = TestSpan().with {
        $0.service = "shop-\(number)"
        $0.startNs = time.startNs
        $0.durationNs = time.durationNs
      }
      #expect(try agent.post("/v0.4/traces", TestPayload.v04([[span]])).status == 200)
    }
    let sent = UInt64(Self.times.count)
    #expect(agent.info.malformed["end_in_future"] == UInt64(Self.times.count { $0.isAhead }))
    #expect(try agent.services().map(\.hits) == Self.times.map { _ in 1 })
    let since = Self.nowNs - 60 * Self.second
    for (table, hits) in try hits(agent, since: since) { #expect(hits == sent, "open: \(table)") }

    agent.pass(seconds: 40)
    agent.flusher.flushStats(nowNs: agent.nowNs)
    #expect(forwarded.spans.values.reduce(0, +) == sent)
    #expect(forwarded.spans.keys.allSatisfy { abs($0 - Self.nowNs) <= 20 * Self.second })
    for (table, hits) in try hits(agent, since: since) { #expect(hits == sent, "sent: \(table)") }
  }
}
