import Control
import TestSpans
import Testing

@testable import Agent

@Suite struct `What a client lost on the way in` {
  /// A trace of two spans of which the second belongs to another trace.
  private func foreign(_ agent: AgentUnderTest, service: String = "shop", trace: UInt64 = 0xaa) -> [TestSpan] {
    [(UInt64(1), trace), (2, 0xcc)].map { id, trace in
      TestSpan(id, parent: id - 1).with {
        $0.service = service
        $0.traceID = trace
        $0.startNs = agent.nowNs - 1_000_000
      }
    }
  }

  private func good(_ agent: AgentUnderTest, service: String) -> [TestSpan] {
    [
      TestSpan(7).with {
        $0.service = service
        $0.traceID = 9
        $0.startNs = agent.nowNs - 1_000_000
      }
    ]
  }

  @Test func `is told by client, service and reason, with an example of dropped traces`() throws {
    let agent = try AgentUnderTest(threads: 1)
    #expect(try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent), foreign(agent)])) == 200)
    #expect(try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent)]), client: "go") == 200)
    try agent.request("/v0.4/traces", [0xc1], headers: ["X-Datadog-Trace-Count": "1"])
    try agent.request("/v9.9/traces", [1])
    try agent.request("/debugger/v1/input", [1])
    let rows = agent.info.clientLosses.map { row in
      "\(row.client) \(row.service) \(row.loss) \(row.reason) \(row.requests) \(row.traces)"
    }
    #expect(
      Set(rows) == [
        "python 4.16.0 shop dropped foreign_span 0 2", "go 4.16.0 shop dropped foreign_span 0 1",
        "python 4.16.0  refused decoding_error 1 1", "python 4.16.0  refused not_found 1 0",
        "python 4.16.0  dropped debugger_not_forwarded 1 0",
      ])
    let example = agent.info.clientLosses.compactMap(\.example).first
    #expect(
      example
        == "trace 00000000000000aa came with span 0000000000000002 (flask.request of shop) of trace 00000000000000cc")
  }

  @Test func `is logged once a minute for each client and reason`() throws {
    let agent = try AgentUnderTest(threads: 1)
    func lines() -> [String] { agent.info.lastErrors.map(\.message).reversed() }
    for _ in 0..<3 { try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent)])) }
    try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent)]), client: "go")
    try agent.request("/v0.4/traces", TestPayload.v04([[TestSpan(0).with { $0.traceID = 5 }]]))
    #expect(
      lines().map { String($0.prefix { $0 != ":" }) } == [
        "dropped 1 trace of python 4.16.0 (foreign_span), as in", "dropped 1 trace of go 4.16.0 (foreign_span), as in",
        "dropped 1 trace of python 4.16.0 (span_id_zero), as in",
      ])
    #expect(lines().allSatisfy { $0.hasSuffix("; see roost explain RST048") })
    agent.pass(seconds: 60)
    try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent)]))
    #expect(
      lines().count == 4 && lines()[3].hasPrefix("dropped 3 traces of python 4.16.0 (foreign_span), as in: trace "))
  }

  @Test func `makes a service look as it is, also one of which all was dropped`() throws {
    let agent = try AgentUnderTest()
    func dropped() throws -> [DroppedServiceRow]? {
      guard case .services(let answer) = agent.queries.answer(.services(ServicesQuery())) else { return nil }
      return answer.dropped
    }
    #expect(try dropped() == nil)
    try agent.request(
      "/v0.4/traces", TestPayload.v04([foreign(agent, service: "billing"), good(agent, service: "shop")]))
    try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent), foreign(agent)]))
    let rows = try #require(try dropped())
    #expect(rows.map(\.service) == ["shop", "billing"] && rows.map(\.isAll) == [false, true])
    #expect(rows.map(\.traces) == [2, 1] && rows.map(\.reasons) == [["foreign_span"], ["foreign_span"]])
    // An empty trace has nothing in it that could be missed.
    let other = try AgentUnderTest()
    try other.request("/v0.4/traces", TestPayload.v04([[]]))
    guard case .services(let answer) = other.queries.answer(.services(ServicesQuery())) else { return }
    #expect(answer.dropped == nil && other.info.clientLosses.map(\.reason) == ["empty_trace"])
  }

  @Test func `takes a bounded number of rows, and holds no secret`() {
    var table = ClientLossTable()
    for number in 0..<1_000 {
      for reason in ["foreign_span", "not_found"] {
        table.add(
          ClientLossTable.Loss(
            loss: .refused, reason: reason, client: "c\(number) token=hunter2secret", service: "s", requests: 1,
            atNs: Int64(number)))
      }
    }
    #expect(table.rows.count <= ClientLossTable.rowsMax && !"\(table.rows)".contains("hunter2"))
    #expect(table.rows.reduce(0) { $0 + $1.requests } == 2_000)
    var merged = table
    merged.add(table)
    #expect(merged.rows.count == table.rows.count && merged.rows.reduce(0) { $0 + $1.requests } == 4_000)
  }

  @Test func `of more clients than are told apart is logged for all of them together`() {
    let notices = DropNotices()
    for number in 0..<DropNotices.keysMax {
      #expect(notices.due(client: "\(number)", reason: "r", traces: 1, nowNs: 1) == 1)
    }
    #expect(notices.due(client: "x", reason: "r", traces: 2, nowNs: 1) == 2)
    #expect(notices.due(client: "y", reason: "r", traces: 3, nowNs: 2) == nil)
    #expect(notices.due(client: "z", reason: "r", traces: 1, nowNs: 1 + DropNotices.pauseNs) == 4)
    // A clock that was set back silences nothing.
    #expect(notices.due(client: "0", reason: "r", traces: 1, nowNs: -5) == 1)
  }
}
