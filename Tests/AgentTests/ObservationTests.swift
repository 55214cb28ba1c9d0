import Control
import TestSpans
import Testing

@testable import Agent

@Suite struct `The agent observes` {
  private func span(
    _ agent: AgentUnderTest, _ id: UInt64 = 1, parent: UInt64 = 0, trace: UInt64 = 1, agoNs: Int64 = 1_000_000
  ) -> TestSpan {
    TestSpan(id, parent: parent).with {
      $0.traceID = trace
      $0.startNs = agent.nowNs - agoNs
    }
  }

  @Test func `nothing in the traffic of a healthy tracer`() throws {
    let agent = try AgentUnderTest()
    try agent.request("/info", method: "GET")
    for trace in 1...5 as ClosedRange<UInt64> {
      let body = TestPayload.v04([[span(agent, trace: trace)]])
      #expect(try agent.request("/v0.4/traces", body, headers: ["X-Datadog-Trace-Count": "1"]) == 200)
      agent.pass(seconds: 2)
    }
    agent.pass(seconds: 60)
    #expect(agent.observed.clientIssues.isEmpty)
    #expect(agent.observed.tcpRequests == 5)
    #expect(agent.observed.unixRequests == 0)
    #expect(agent.observed.sampling.traces == 5)
  }

  @Test(
    arguments: [
      ("\u{16}\u{3}\u{1}\u{2}\n", ClientIssueKind.tlsHello), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2Preface),
      ("page.views:1|c\n", .statsDText),
    ])
  func `other protocols on the trace port`(_ text: String, _ kind: ClientIssueKind) throws {
    let agent = try AgentUnderTest()
    try agent.exchange(text.unicodeScalars.map { UInt8($0.value) })
    #expect(agent.eventually { agent.clientIssues(kind).map(\.count) == [1] })
    #expect(agent.observed.clientIssues.count == 1)
    let advice = agent.info.lastErrors.filter { $0.message.contains("speaks HTTP/2, as OTLP over gRPC does") }
    #expect(advice.count == (kind == .http2Preface ? 1 : 0))
  }

  @Test(
    arguments: [
      ("/v9.9/traces", ClientIssueKind.notFound), ("/v0.4/traces/telemetry/proxy/", .notFound),
      ("/v0.6/statistics", .notFound),
      ("/telemetry/proxy/api/v2/apmtelemetry", .notOffered), ("/v0.7/config", .notOffered),
      ("/profiling/v9/input", .notOffered), ("/evp_proxy/v9/api/v2/llmobs", .notOffered),
      ("/debugger/v9/input", .notOffered), ("/symdb/v9/input", .notOffered), ("/v0.1/pipeline_stats_v2", .notOffered),
      ("/openlineage/api/v9/lineage", .notOffered), ("/dogstatsd/v9/proxy", .notOffered),
      ("/tracer_flare/v9", .notOffered),
    ])
  func `paths that it does not serve, with the client`(_ path: String, _ kind: ClientIssueKind) throws {
    let agent = try AgentUnderTest {
      $0.products.takesTelemetry = false
      $0.products.answersRemoteConfiguration = false
    }
    for _ in 0..<3 { #expect(try agent.request(path, [1]) == 404) }
    let row = try #require(agent.clientIssues(kind).first)
    #expect((row.detail, row.client, row.count) == (path, "python 4.16.0", 3))
    #expect(agent.observed.clientIssues.count == 1)
    #expect(agent.info.refused == [kind.rawValue: 3])
  }

  @Test func `clients that name themselves by their user agent only`() throws {
    let agent = try AgentUnderTest { $0.products.takesTelemetry = false }
    try agent.request("/v1/metrics", [1], client: "", headers: ["User-Agent": "OTel-OTLP-Exporter-Python/1.30"])
    #expect(agent.clientIssues(.notOffered).map(\.client) == ["OTel-OTLP-Exporter-Python/1.30"])
    let library = ["DD-Client-Library-Language": "python", "DD-Client-Library-Version": "4.16.0", "User-Agent": "x"]
    try agent.request("/telemetry/proxy/api/v2/apmtelemetry", [1], client: "", headers: library)
    #expect(agent.clientIssues(.notOffered).map(\.client).contains("python 4.16.0"))
  }

  @Test func `no secret in what it tells of paths, proxies and clients`() throws {
    let agent = try AgentUnderTest()
    let filler = String(repeating: "a", count: 40)
    for path in ["/nope/traces/u:hunter2secret@x/api_key=hunter2secret", "/nope/\(filler)/u:hunter2secret@x"] {
      try agent.request(
        path, [1], client: "", headers: ["Via": "1.1 u:hunter2secret@squid", "User-Agent": "x/1 token=hunter2secret"])
    }
    try agent.request(
      "/v0.4/traces", TestPayload.v04([[span(agent)]]), client: "python token=hunter2secret",
      version: "http://u:hunter2secret@x")
    try agent.request("/v0.4/traces", [1, 2], client: "python token=hunter2secret", version: "u:hunter2secret@x")
    let (info, observed) = (agent.queries.info(), agent.observed)
    #expect(
      info.clientIssues.count > 3 && info.clients.count == 1 && info.processes.count == 1 && !info.lastErrors.isEmpty)
    #expect(!"\(info)".contains("hunter2"))
    #expect(!"\(observed)".contains("hunter2"))
  }

  @Test(
    arguments: [
      (["Via": "1.1 squid (squid/5.7)"], "/v0.4/traces", "Via: 1.1 squid (squid/5.7)"),
      (["X-Forwarded-For": "10.0.0.7"], "/v0.4/traces", "X-Forwarded-For"),
      ([:], "http://127.0.0.1:8126/v0.4/traces", "absolute-form request line"),
    ])
  func `proxies, and still takes what comes through them`(
    _ headers: [String: String], _ target: String, _ sign: String
  ) throws {
    let agent = try AgentUnderTest()
    #expect(try agent.request(target, TestPayload.v04([[span(agent)]]), headers: headers) == 200)
    #expect(agent.clientIssues(.proxyRequest).map(\.detail) == [sign])
    #expect(agent.observed.clientIssues.count == 1)
  }

  @Test(arguments: [[], [0x90], [0x92, 0x90, 0x90], Array("[]".utf8)] as [[UInt8]])
  func `empty probes`(_ body: [UInt8]) throws {
    let agent = try AgentUnderTest()
    try agent.request(body.count == 3 ? "/v0.5/traces" : "/v0.4/traces", body)
    #expect(agent.observed.clientIssues.map(\.kind) == ["empty_probe"])
  }

  @Test func `payloads that cannot be decoded, are too large, or hold another number of traces than was said`() throws {
    let agent = try AgentUnderTest { $0.maxPayloadBytes = 10_000 }
    #expect(try agent.request("/v0.4/traces", [0x91, 0x91, 0xc1]) == 400)
    #expect(try agent.request("/v0.4/traces", [UInt8](repeating: 0, count: 20_000)) == 413)
    let two = TestPayload.v04([[span(agent)], [span(agent, trace: 2)]])
    #expect(try agent.request("/v0.4/traces", two, headers: ["X-Datadog-Trace-Count": "5"]) == 200)
    #expect(try agent.request("/v0.4/traces", two, headers: ["X-Datadog-Trace-Count": "1"]) == 200)
    let undecodable = try #require(agent.clientIssues(.undecodable).first)
    #expect(undecodable.detail.hasPrefix("/v0.4/traces: "))
    #expect(agent.clientIssues(.tooLarge).map(\.amount) == [20_000])
    #expect(agent.clientIssues(.tooLarge).map(\.detail) == ["/v0.4/traces"])
    let mismatch = try #require(agent.clientIssues(.traceCountMismatch).first)
    #expect((mismatch.count, mismatch.amount) == (2, 2))
  }

  @Test func `metrics that were posted as traces`() throws {
    let agent = try AgentUnderTest()
    try agent.request("/v0.4/traces", Array("page.views:1|c|#env:prod".utf8))
    #expect(agent.clientIssues(.statsDText).map(\.detail) == ["/v0.4/traces"])
  }

  @Test func `payloads refused for want of memory`() throws {
    let agent = try AgentUnderTest()
    agent.receiver.setOverloaded(true)
    try agent.request("/v0.4/traces", TestPayload.v04([[span(agent)]]))
    #expect(agent.clientIssues(.memoryLimit).map(\.count) == [1])
    #expect((agent.clientIssues(.memoryLimit).first?.amount ?? 0) > 100)
  }

  @Test func `a body for which others that arrive leave no room`() throws {
    let agent = try AgentUnderTest {
      $0.maxPayloadBytes = 300_000
      $0.maxMemoryBytes = 1
      $0.receiverTimeout = .milliseconds(500)
      $0.features = ["429"]
    }
    let half =
      Array("PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n".utf8)
      + [UInt8](repeating: 0, count: 200_000)
    // One after the other they have the room for all of their time, which is longer than the third one waits. On a busy
    // machine that may come so late that there is room again, and is tried anew.
    var status = 0
    for _ in 0..<10 where status != 429 {
      #expect(agent.eventually { agent.info.connections.bodyBytesInFlight == 0 })
      let before = agent.info.connections.accepted
      try agent.holding(half) {
        #expect(agent.eventually { agent.info.connections.bodyBytesInFlight == 300_000 })
        try agent.holding(half) {
          #expect(agent.eventually { agent.info.connections.accepted >= before + 2 })
          status = try agent.request("/v0.4/traces", [UInt8](repeating: 0, count: 300_000))
        }
      }
    }
    #expect(status == 429)
    let row = try #require(agent.clientIssues(.memoryLimit).first)
    #expect((row.detail, row.client, row.amount) == ("/v0.4/traces", "python 4.16.0", 300_000))
  }

  @Test func `a clock that is seven hours ahead`() throws {
    let agent = try AgentUnderTest()
    let ahead = TestPayload.v04([[span(agent, agoNs: -25_200_000_000_000)]])
    try agent.request("/v0.4/traces", ahead, client: "nodejs", version: "5.1.0")
    let row = try #require(agent.clientIssues(.clockSkew).first)
    #expect(row.client == "nodejs 5.1.0")
    #expect(row.amount.rounded() == 25_200)
  }

  @Test func `what tracers decided of their traces`() throws {
    let agent = try AgentUnderTest()
    func decided(_ trace: UInt64, _ priority: Double, _ maker: String?, limit: Double? = nil) -> [TestSpan] {
      var span = span(agent, trace: trace).metric("_sampling_priority_v1", priority)
      if let maker { span = span.meta("_dd.p.dm", maker) }
      if let limit { span = span.metric("_dd.limit_psr", limit) }
      return [span]
    }
    let body = TestPayload.v04([
      decided(1, 1, "-1"), decided(2, -1, "-3"), decided(3, -1, "-3", limit: 0.37), decided(4, 0, nil),
      decided(5, -1, "nonsense"), decided(6, 2, "-4", limit: 1), [span(agent, trace: 7)], decided(8, 0, "-12"),
    ])
    try agent.request("/v0.4/traces", body, headers: ["Datadog-Client-Dropped-P0-Traces": "41"])
    let sampling = agent.observed.sampling
    #expect(sampling.traces == 8)
    #expect(sampling.droppedByDecision == ["-3": 2, "": 1, "other": 1, "-12": 1])
    #expect(sampling.clientDroppedTraces == 41)
    #expect(sampling.lowestLimitRate == 0.37 && sampling.limitedLastSeenNs == agent.nowNs)
  }

  @Test func `traces whose root does not come`() throws {
    let agent = try AgentUnderTest()
    try agent.request("/v0.4/traces", TestPayload.v04([[span(agent, 5, parent: 4, trace: 9)]]))
    try agent.request("/v0.4/traces", TestPayload.v04([[span(agent, 7, parent: 6, trace: 10)]]))
    agent.pass(seconds: 5)
    #expect(agent.clientIssues(.rootlessTrace).isEmpty)
    // The parent of the first comes after all, by another connection.
    try agent.request("/v0.4/traces", TestPayload.v04([[span(agent, 4, trace: 9)]]))
    agent.pass(seconds: 6)
    let row = try #require(agent.clientIssues(.rootlessTrace).first)
    #expect((row.detail, row.client, row.count) == ("web", "python 4.16.0", 1))
    #expect(agent.observed.clientIssues.count == 1)
  }

  @Test func `traces that are dropped because their ids make no sense, by client and reason`() throws {
    let agent = try AgentUnderTest()
    let zero = TestSpan(0)
    let foreign = TestSpan(2).with { $0.traceID = 9 }
    let bodies = [[[zero], [zero], [TestSpan(1), foreign], [span(agent)]], [[zero], []]]
    for traces in bodies {
      let headers = ["X-Datadog-Trace-Count": "\(traces.count)"]
      #expect(try agent.request("/v0.4/traces", TestPayload.v04(traces), headers: headers) == 200)
    }
    let rows = agent.clientIssues(.malformedTrace).sorted { $0.detail < $1.detail }
    #expect(rows.map(\.detail) == ["empty_trace", "foreign_span", "span_id_zero"])
    #expect(rows.map(\.amount) == [1, 1, 3] && rows.map(\.count) == [1, 1, 2])
    #expect(rows.allSatisfy { $0.client == "python 4.16.0" } && agent.observed.clientIssues.count == 3)
  }

  @Test func `pages of other sites, with their address`() throws {
    let agent = try AgentUnderTest()
    let page = ["Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example", "User-Agent": "Mozilla/5.0 (X11)"]
    #expect(try agent.request("/v0.4/traces", [0x90], client: "", headers: page) == 403)
    let row = try #require(agent.clientIssues(.crossSite).first)
    #expect((row.detail, row.client) == ("/v0.4/traces from a page of https://shop.example", "Mozilla/5.0 (X11)"))
    #expect(agent.observed.clientIssues.count == 1)
  }

  @Test func `services with the number of their resources, and resources that hold an identifier`() throws {
    let agent = try AgentUnderTest()
    let traces = (1...40).map { number in
      [span(agent, trace: UInt64(number)).with { $0.resource = "GET /users/\(1_000 + number)" }]
    }
    try agent.request("/v0.4/traces", TestPayload.v04(traces))
    let row = try #require(agent.observed.services.first)
    #expect((row.service, row.hits, row.resources, row.busiestOperation) == ("web", 40, 40, "flask.request"))
    #expect(row.idLikeResource == "GET /users/1001")
  }
}

@Suite struct `A client that leaves` {
  @Test func `after it asked for /info has vanished, when nothing comes for ten seconds`() throws {
    let agent = try AgentUnderTest()
    try agent.request("/info", method: "GET")
    #expect(agent.eventually { agent.queries.observers.connections.isAwaitingPayload })
    #expect(agent.observed.clientIssues.isEmpty)
    agent.pass(seconds: 11)
    #expect(agent.clientIssues(.clientVanished).map(\.detail) == ["after /info"])
  }

  @Test func `and sends its traces over another connection has not vanished`() throws {
    let agent = try AgentUnderTest()
    try agent.request("/info", method: "GET")
    #expect(agent.eventually { agent.queries.observers.connections.isAwaitingPayload })
    try agent.request("/v0.4/traces", TestPayload.v04([]))
    agent.pass(seconds: 60)
    #expect(agent.clientIssues(.clientVanished).isEmpty)
  }

  @Test(arguments: [(2, [5.0]), (5, [])])
  func `and asks again before is counted once with its time, unless it was there for long: then it was idle`(
    _ visits: Int, _ seconds: [Double]
  ) throws {
    let agent = try AgentUnderTest()
    for visit in 1...visits {
      try agent.request("/info", method: "GET")
      #expect(agent.eventually { agent.queries.observers.connections.watchedConnections == visit })
      agent.pass(seconds: 5)
    }
    #expect(agent.clientIssues(.clientVanished).isEmpty)
    agent.pass(seconds: 10)
    #expect(agent.clientIssues(.clientVanished).map(\.amount) == seconds)
    #expect(agent.clientIssues(.clientVanished).allSatisfy { $0.count == 1 })
  }

  @Test(arguments: ["curl/8.5.0", "roost/0.1.0", "Mozilla/5.0 (X11)"])
  func `was a person who looked`(_ program: String) throws {
    let agent = try AgentUnderTest()
    try agent.request("/info", method: "GET", client: "", headers: ["User-Agent": "\(program)"])
    try agent.request("/info", method: "GET")
    #expect(agent.eventually { agent.queries.observers.connections.watchedConnections == 1 })
    agent.pass(seconds: 11)
    #expect(agent.clientIssues(.clientVanished).map(\.count) == [1])
  }

  @Test func `without a request is counted apart`() throws {
    let agent = try AgentUnderTest()
    try agent.exchange([], isAnswered: false)
    #expect(agent.eventually { agent.queries.observers.connections.isAwaitingPayload })
    agent.pass(seconds: 11)
    #expect(agent.clientIssues(.clientVanished).map(\.detail) == ["without a request"])
  }
}
