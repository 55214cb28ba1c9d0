import Control
import TestSpans
import Testing

@testable import Agent

@Suite struct `What roost send-test sends` {
  /// An agent that has had one trace from the test, and then some from an app.
  private func agent(appTraces: Int) throws -> AgentUnderTest {
    let agent = try AgentUnderTest()
    for number in 0...appTraces {
      let isTest = number == 0
      let span = TestSpan(1).with {
        $0.service = isTest ? TestTraffic.service : "shop"
        $0.traceID = UInt64(number + 1)
        $0.startNs = agent.nowNs - 1_000_000
      }
      let body = TestPayload.v04([[span.metric("process_id", isTest ? 70 : 71)]])
      try agent.request("/v0.4/traces", body, client: isTest ? TestTraffic.client : "python")
    }
    return agent
  }

  @Test func `is counted like all that comes in`() throws {
    let info = try agent(appTraces: 2).info
    #expect(info.received.traces == 3 && info.kept.traces + info.dropped.values.reduce(0) { $0 + $1.traces } == 3)
    #expect(info.clients.count == 2 && info.receivedFromTests.traces == 1)
  }

  @Test func `is left out of whatever is said of apps`() throws {
    let info = try agent(appTraces: 2).info.ofApps
    #expect(info.received.traces == 2 && info.received.spans == 2 && info.received.payloads == 2)
    #expect(info.clients.map(\.language) == ["python"])
    #expect(info.processes.map(\.pid) == [71])
    #expect(try agent(appTraces: 0).info.ofApps.received == TrafficCounts())
    #expect(try agent(appTraces: 2).observed.services.map(\.service) == ["shop"])
  }

  @Test func `has a row in the tables when it is asked for, and else none`() throws {
    let agent = try agent(appTraces: 1)
    #expect(try agent.services().map(\.service) == ["shop"])
    let asked = agent.queries.answer(.services(ServicesQuery(includesTests: true)))
    guard case .services(let services) = asked else { throw AgentUnderTest.Broken() }
    #expect(Set(services.rows.map(\.service)) == ["shop", TestTraffic.service])
    #expect(try agent.resources(of: TestTraffic.service).count == 1)
    guard case .resources(let all) = agent.queries.answer(.resources(ResourcesQuery(service: nil))) else {
      throw AgentUnderTest.Broken()
    }
    #expect(all.rows.map(\.service) == ["shop"] && all.service == nil)
  }
}
