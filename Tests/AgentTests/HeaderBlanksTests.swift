import Compression
import Exporting
import Platform
import Statistics
import TestSpans
import Testing
import TraceModel

@testable import Agent

/// Keeps what would be forwarded.
private final class KeptStatistics: StatisticsOutput {
  let kind = OutgoingPayload.Kind.stats
  private let payloads = Lock<[StatsPayload]>([])

  var clients: [ClientStatsPayload] { payloads.withLock { $0.flatMap(\.stats) } }

  func makePayloads(of buckets: [StatsBucket], take: (OutgoingPayload) -> Void) throws(CompressionError) -> UInt64 {
    let assembler = StatsAssembler(
      keys: KeyTable(peerTags: []), agentHostname: "box", agentEnv: "", agentVersion: "", bucketSizeNs: 10_000_000_000)
    var random = SystemRandomNumberGenerator()
    return assembler.assemble(buckets, limit: .init(groupsMax: 100, bytesMax: 1 << 20), random: &random) { payload in
      payloads.withLock { $0.append(payload) }
    }
  }
}

@Suite struct `White space behind the headers of a tracer` {
  @Test(arguments: [" ", "\t", " \t "])
  func `changes nothing of what is counted, nor whose it is`(blank: String) throws {
    let kept = KeptStatistics()
    let agent = try AgentUnderTest(outputs: AgentOutputs(statistics: [kept]))
    let span = TestSpan().with { $0.service = "" }
    let headers = [
      "Datadog-Client-Computed-Stats": "false", "Datadog-Client-Computed-Top-Level": "0",
      "Datadog-Container-ID": "abc123", "Datadog-Meta-Lang": "ruby", "X-Datadog-Trace-Count": "1",
      "Content-Type": "application/msgpack", "Content-Encoding": "identity",
    ]
    let response = try agent.post("/v0.4/traces", TestPayload.v04([[span]]), headers.mapValues { $0 + blank })
    #expect(response.status == 200)
    agent.pass(seconds: 30)
    agent.flusher.flushStats(nowNs: agent.nowNs)
    let client = try #require(kept.clients.first)
    #expect(kept.clients.count == 1 && client.containerID == "abc123" && client.lang == "ruby")
    #expect(client.stats.flatMap(\.stats).map(\.service) == ["unnamed-ruby-service"])
    #expect(client.stats.flatMap(\.stats).map(\.topLevelHits) == [1])
    #expect(agent.info.clients.map(\.language) == ["ruby"])
    #expect(agent.observed.clientIssues.isEmpty)
    #expect(agent.info.malformed == ["service_empty": 1])
  }

  @Test func `leaves the number of traces of a body that nobody can read`() throws {
    let agent = try AgentUnderTest()
    let body = [UInt8](repeating: 0xC1, count: 400)
    _ = try agent.post("/v0.4/traces", body, ["X-Datadog-Trace-Count": "7 "])
    #expect(agent.info.dropped["decoding_error"]?.traces == 7 && agent.info.malformed == [:])
  }
}
