import Control
import Foundation
import Receiver
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
    try agent.request("/debugger/v9/input", [1])
    let rows = agent.info.clientLosses.map { row in
      "\(row.client) \(row.service) \(row.loss) \(row.reason) \(row.requests) \(row.traces)"
    }
    #expect(
      Set(rows) == [
        "python 4.16.0 shop dropped foreign_span 0 2", "go 4.16.0 shop dropped foreign_span 0 1",
        "python 4.16.0  refused decoding_error 1 1", "python 4.16.0  refused not_found 1 0",
        "python 4.16.0  refused not_offered 1 0",
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

  @Test func `of a sender that makes up clients takes no row of another sender, nor of a steady one`() {
    var table = ClientLossTable()
    func lose(_ client: String, from sender: PeerIdentity, _ number: Int) {
      table.add(.init(loss: .refused, reason: "r", client: client, sender: sender, requests: 1, atNs: Int64(number)))
    }
    let (honest, forger) = (PeerIdentity.unix(pid: 0, uid: 1), PeerIdentity.loopback(port: 0))
    for number in 0..<40 { lose("honest\(number)", from: honest, 0) }
    for _ in 0..<3 { lose("steady", from: forger, 1) }
    for number in 0..<1_000 { lose("forged\(number)", from: forger, 2 + number) }
    let names = Set(table.rows.map(\.client))
    #expect((0..<40).allSatisfy { names.contains("honest\($0)") } && names.contains("steady"))
    #expect(names.contains("forged999") && table.rows.count <= ClientLossTable.rowsMax)
    #expect(table.rows.reduce(0) { $0 + $1.requests } == 1_043)
    // A new sender has a row although the table is full.
    lose("new", from: .address(high: 1, low: 2, port: 0), 0)
    #expect(table.rows.contains { $0.client == "new" } && table.rows.count <= ClientLossTable.rowsMax)
    #expect(PeerIdentity.unix(pid: 7, uid: 1).sender == PeerIdentity.unix(pid: 8, uid: 1).sender)
  }

  @Test func `of more clients than are told apart is logged for all of them together`() {
    let notices = DropNotices()
    let one = DropNotices.Notice(count: 1, isOfSeveralClients: false)
    for number in 0..<DropNotices.keysMax {
      #expect(notices.due(client: "\(number)", reason: "r", count: 1, nowNs: 1) == one)
    }
    #expect(notices.due(client: "x", reason: "r", count: 2, nowNs: 1) == .init(count: 2, isOfSeveralClients: true))
    #expect(notices.due(client: "y", reason: "r", count: 3, nowNs: 2) == nil)
    // A client that has been quiet for a minute gives its place to another.
    #expect(notices.due(client: "0", reason: "r", count: 1, nowNs: DropNotices.pauseNs) == nil)
    #expect(notices.due(client: "z", reason: "r", count: 1, nowNs: 1 + DropNotices.pauseNs) == one)
    // What was not said of those who gave their places is said with the next of all together.
    for number in 2..<DropNotices.keysMax {
      #expect(notices.due(client: "a\(number)", reason: "r", count: 1, nowNs: 1 + DropNotices.pauseNs) == one)
    }
    let rest = DropNotices.Notice(count: 3 + 1 + 5, isOfSeveralClients: true)
    #expect(notices.due(client: "w", reason: "r", count: 5, nowNs: 2 + DropNotices.pauseNs) == rest)
    // A clock that was set back silences nothing.
    #expect(notices.due(client: "z", reason: "r", count: 1, nowNs: -5) == one)
  }

  @Test func `has a line of the log for each of many clients`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "roost-losses-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let log = Log(level: .warn, path: file.path, clock: .system)
    let agent = try AgentUnderTest(log: log)
    for number in 0..<9 {
      try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent)]), client: "go", version: "\(number)")
    }
    log.flush(atMost: .seconds(20))
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    for number in 0..<9 { #expect(lines.filter { $0.contains("dropped 1 trace of go \(number) (") }.count == 1) }
  }

  @Test func `leaves a service that is counted under another spelling what it is: healthy`() throws {
    let agent = try AgentUnderTest()
    let zero = TestSpan(5).with {
      $0.service = "Shop API"
      $0.traceID = 0
    }
    // Each spelling, and a service without a name, is dropped once and counted once.
    try agent.request(
      "/v0.4/traces",
      TestPayload.v04([
        good(agent, service: "Shop API"), foreign(agent, service: "Shop API"), [zero], good(agent, service: ""),
        foreign(agent, service: ""), [zero.with { $0.service = "" }],
      ]))
    guard case .services(let answer) = agent.queries.answer(.services(ServicesQuery())) else { return }
    let dropped = try #require(answer.dropped)
    #expect(dropped.map(\.service).sorted() == ["shop_api", "unnamed-python-service"])
    #expect(dropped.map(\.traces) == [2, 2] && dropped.allSatisfy { !$0.isAll })
    #expect(Set(answer.rows.map(\.service)) == Set(dropped.map(\.service)))
    // What the doctor compares: names that the agent has counted, and those that it has dropped.
    #expect(Set(agent.observed.services.map(\.service)) == Set(agent.info.clientLosses.map(\.service)))
    #expect(agent.info.malformed == ["service_empty": 2], "repairs of what is dropped at its first span are none")
  }

  @Test func `knows a counted service also where its name is not shown as it is`() throws {
    let agent = try AgentUnderTest()
    let name = "eyjhbgcioijiuzi1nij9.token=hunter2secret"
    try agent.request("/v0.4/traces", TestPayload.v04([good(agent, service: name), foreign(agent, service: name)]))
    guard case .services(let answer) = agent.queries.answer(.services(ServicesQuery())) else { return }
    #expect(answer.dropped?.map(\.isAll) == [false])
  }

  @Test func `is left out of tables of a past time and of environments in which its service was not seen`() throws {
    let agent = try AgentUnderTest()
    func dropped(_ query: ServicesQuery) -> [String]? {
      guard case .services(let answer) = agent.queries.answer(.services(query)) else { return nil }
      return answer.dropped?.map { $0.service + ($0.isAll ? " all" : "") }.sorted()
    }
    let here = good(agent, service: "shop").map { $0.meta("env", "prod") }
    try agent.request(
      "/v0.4/traces", TestPayload.v04([here, foreign(agent), foreign(agent, service: "billing")]))
    agent.pass(seconds: 120)
    #expect(dropped(ServicesQuery(env: "prod")) == ["billing all", "shop"])
    #expect(dropped(ServicesQuery(env: "dev")) == ["billing all"])
    let past = TimeRange(sinceNs: agent.nowNs - 600_000_000_000, untilNs: agent.nowNs - 1_000_000_000)
    #expect(dropped(ServicesQuery(range: past)) == nil)
    #expect(dropped(ServicesQuery(windowNs: 60_000_000_000)) == nil, "the last was dropped before")
    // All of it was counted before the time of the table.
    try agent.request("/v0.4/traces", TestPayload.v04([foreign(agent)]))
    #expect(dropped(ServicesQuery(windowNs: 60_000_000_000)) == ["shop"])
  }

  @Test func `tells of spans that are their own ancestors, which tables may lack`() throws {
    let agent = try AgentUnderTest(threads: 1)
    func span(_ id: UInt64, parent: UInt64) -> TestSpan {
      TestSpan(id, parent: parent).with {
        $0.traceID = 0xaa
        $0.startNs = agent.nowNs - 1_000_000
      }
    }
    for _ in 0..<3 {
      try agent.request(
        "/v0.4/traces", TestPayload.v04([[span(1, parent: 1)], [span(2, parent: 3), span(3, parent: 2)]]))
    }
    let service = TestSpan().service
    let loss = try #require(agent.info.clientLosses.first)
    #expect(agent.info.clientLosses.count == 1 && loss.loss == .faulty && loss.reason == "parent_cycle")
    #expect((loss.client, loss.service, loss.traces) == ("python 4.16.0", service, 6))
    #expect(loss.example?.contains("span 0000000000000001 (flask.request of \(service)), which names itself") == true)
    let issues = agent.observed.clientIssues
    #expect(issues.map(\.detail) == ["parent_cycle"] && issues.map(\.count) == [3] && issues.map(\.amount) == [6])
    let lines = agent.info.lastErrors.map(\.message)
    #expect(lines.count == 1, "\(lines)")
    #expect(
      lines.first?.hasPrefix(
        "2 traces of python 4.16.0 with spans that are their own ancestors, which tables may lack (parent_cycle), as in: "
      ) == true && lines.first?.hasSuffix("; see roost explain RST048") == true)
    #expect(agent.info.dropped["parent_cycle"] == nil && agent.info.malformed == ["parent_cycle": 9])
  }

  @Test func `of one payload counts once for each reason, however many services it is of`() throws {
    let agent = try AgentUnderTest(threads: 1)
    let traces = (0..<40).map { foreign(agent, service: "s\($0)") } + [[TestSpan(0)]]
    try agent.request("/v0.4/traces", TestPayload.v04(traces))
    let issues = agent.observed.clientIssues.sorted { $0.detail < $1.detail }
    #expect(issues.map(\.detail) == ["foreign_span", "span_id_zero"])
    #expect(issues.map(\.count) == [1, 1] && issues.map(\.amount) == [40, 1])
    // Services beyond those that are told apart are told together, and not as one that has no name.
    let rows = agent.info.clientLosses
    #expect(rows.count == 18 && rows.filter { $0.service.isEmpty }.map(\.traces).sorted() == [1, 24])
    guard case .services(let answer) = agent.queries.answer(.services(ServicesQuery())) else { return }
    #expect(answer.dropped?.count == 16 && answer.dropped?.contains { $0.service.isEmpty } == false)
  }

  @Test func `of clients that were seen long ago gives way to that of others`() {
    var table = ClientLossTable()
    for number in 0..<500 {
      table.add(
        ClientLossTable.Loss(
          loss: .dropped, reason: "r", client: "c\(number)", service: "s", traces: 2, atNs: Int64(number)))
      // One that goes on stays.
      table.add(.init(loss: .dropped, reason: "r", client: "steady", service: "s", traces: 1, atNs: Int64(number)))
    }
    let names = Set(table.rows.map(\.client))
    #expect(names.contains("c499") && names.contains("steady") && !names.contains("c1"))
    #expect(table.rows.first { $0.client == "steady" }?.traces == 500)
    let others = table.rows.filter(\.isOfOthers)
    // Put together with an older one, too.
    var older = ClientLossTable()
    for number in 0..<300 {
      older.add(.init(loss: .dropped, reason: "r", client: "old\(number)", service: "s", traces: 1, atNs: 0))
    }
    var sum = table
    sum.add(older)
    #expect(Set(sum.rows.map(\.client)) == names && sum.rows.reduce(0) { $0 + $1.traces } == 1_800)
    #expect(others.count == 1 && table.rows.reduce(0) { $0 + $1.traces } == 1_500)
  }
}
