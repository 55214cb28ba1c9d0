import Configuration
import Control
import TestSpans
import Testing

@testable import Agent

@Suite struct `The accounts of forwarding` {
  private static let messagePack = ["Content-Type": "application/msgpack"]

  private static func traces(_ count: Int) -> [UInt8] {
    TestPayload.v04(
      (1...count).map { number in
        [TestSpan(1), TestSpan(2, parent: 1)].map { span in
          span.with { $0.traceID = UInt64(number) }.metric("_sampling_priority_v1", 2)
        }
      })
  }

  private func agent(
    _ intake: IntakeUnderTest, canEncodeStats: Bool = true,
    _ change: (inout AgentConfiguration) -> Void = { _ in }
  ) throws -> AgentUnderTest {
    let url = try HTTPURL(intake.url)
    return try AgentUnderTest(canEncodeStats: canEncodeStats) {
      $0.apiKey = APIKey("0123456789abcdef0123456789abcdef")
      $0.intakeURL = url
      change(&$0)
    }
  }

  /// Kept is what was sent, what waits and what was lost; received is what was kept and what was dropped.
  private static func balances(_ info: InfoAnswer) -> Bool {
    let lost = info.lost.values.reduce((0, 0)) { ($0.0 + $1.traces, $0.1 + $1.spans) }
    let dropped = info.dropped.values.reduce(0) { $0 + $1.traces }
    return info.kept.traces == info.sent.traces.traces + info.queued.traces + lost.0
      && info.kept.spans == info.sent.traces.spans + info.queued.spans + lost.1
      && info.received.traces == info.kept.traces + dropped
  }

  @Test func `balance while the intake is away, when it is back, and when it refuses`() throws {
    let intake = try IntakeUnderTest(status: 503)
    let agent = try agent(intake)
    _ = try agent.post("/v0.4/traces", Self.traces(3), Self.messagePack)
    var info = agent.info
    #expect(info.queued == TrafficCounts(traces: 3, spans: 6), "gathered, and no payload yet")
    #expect(Self.balances(info))

    agent.flusher.flushAll(nowNs: TestSpan.someTimeNs)
    #expect(eventually { agent.info.sent.traceRetries > 0 && agent.info.sent.stats.retries > 0 })
    info = agent.info
    #expect(info.queued.traces == 3 && info.queued.spans == 6 && info.queued.payloads == 2 && info.queued.bytes > 0)
    #expect(info.intake.lastSuccessNs == nil && info.intake.lastFailure?.status == 503)
    #expect(info.intake.lastFailure?.endpoint == intake.url)
    #expect(info.intake.troubles.map(\.payloads) == ["traces", "stats"])
    #expect(info.intake.troubles.allSatisfy { $0.state == .failing && $0.status == 503 && $0.endpoint == intake.url })
    #expect(info.intake.troubles.allSatisfy { $0.sinceNs <= info.nowNs && $0.attempts > 0 })
    #expect(info.intake.waitingSince != nil && info.intake.lastLoss == nil)
    #expect(Self.balances(info))

    intake.answer(202)
    #expect(eventually { agent.info.sent.traces.traces == 3 && agent.info.sent.stats.payloads == 1 })
    info = agent.info
    #expect(info.queued == TrafficCounts() && info.lost.isEmpty && Self.balances(info))
    let last = try #require(info.intake.lastSuccessNs)
    #expect(last <= info.nowNs)
    #expect(info.intake.troubles.isEmpty && info.intake.waitingSince == nil)

    intake.answer(413)
    _ = try agent.post("/v0.4/traces", Self.traces(2), Self.messagePack)
    agent.flusher.flushAll(nowNs: TestSpan.someTimeNs)
    #expect(eventually { agent.info.lost.count == 2 })
    info = agent.info
    #expect(info.lost["intake_rejected_413"].map { [$0.payloads, $0.traces, $0.spans] } == [1, 2, 4])
    #expect(info.lost["stats_intake_rejected_413"].map { [$0.payloads, $0.traces, $0.spans] } == [1, 0, 0])
    #expect(info.intake.troubles.map(\.state) == [.refusing, .refusing])
    #expect(info.intake.troubles.map(\.status) == [413, 413])
    #expect(info.intake.troubles.allSatisfy { $0.last.map(\.unixNs).map { $0 <= info.nowNs } == true })
    #expect(info.intake.lastLoss.map { $0.unixNs <= info.nowNs } == true)
    #expect(info.kept.traces == 5 && info.dropped.isEmpty && Self.balances(info))
  }

  @Test func `name what was given up because retries ran out`() throws {
    let intake = try IntakeUnderTest(status: 500)
    let agent = try agent(intake) { $0.maxSenderRetries = 0 }
    _ = try agent.post("/v0.4/traces", Self.traces(4), Self.messagePack)
    agent.flusher.flushAll(nowNs: TestSpan.someTimeNs)
    #expect(eventually { agent.info.lost["retries_exhausted"]?.traces == 4 })
    #expect(agent.info.intake.troubles.first?.text == "HTTP 500")
    #expect(Self.balances(agent.info))
  }

  @Test func `name statistics that could not be encoded`() throws {
    let intake = try IntakeUnderTest(status: 202)
    let agent = try agent(intake, canEncodeStats: false)
    _ = try agent.post("/v0.4/traces", Self.traces(1), Self.messagePack)
    agent.flusher.flushAll(nowNs: TestSpan.someTimeNs)
    #expect(eventually { agent.info.sent.traces.traces == 1 })
    #expect(agent.info.lost == ["stats_encoding_error": LossCounts(payloads: 1)])
    #expect(agent.info.sent.stats.payloads == 0)
  }

  @Test func `are there without an intake, and nothing waits`() throws {
    let agent = try AgentUnderTest()
    _ = try agent.post("/v0.4/traces", Self.traces(3), Self.messagePack)
    #expect(agent.info.kept.traces == 3 && agent.info.queued == TrafficCounts() && agent.info.lost.isEmpty)
    #expect(agent.info.intake == IntakeSummary())
  }

  @Test func `come with what connections and the sampler went through`() throws {
    let agent = try AgentUnderTest { $0.maxCatalogEntries = 10 }
    _ = try agent.post("/v0.4/traces", Self.traces(1), Self.messagePack)
    _ = try? agent.post("/v0.4/traces", Array("zz\r\nno chunk".utf8), ["Transfer-Encoding": "chunked"])
    let services = TestPayload.v04(
      (1...12).map { number in
        [TestSpan().with { $0.service = "s\(number)" }.metric("_sampling_priority_v1", 1)]
      })
    _ = try agent.post("/v0.4/traces", services, Self.messagePack)
    #expect(eventually { agent.info.connections.malformed == 1 })
    let connections = agent.info.connections
    #expect(connections.accepted == 3 && connections.bodyBytesInFlight == 0 && connections.acceptErrors == 0)
    #expect(agent.info.catalogEvictions > 0)
  }
}
