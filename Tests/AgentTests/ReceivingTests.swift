import Control
import MessagePack
import TestSpans
import Testing

@testable import Agent

@Suite struct ReceivingTests {
  private static func trace(_ id: UInt64, priority: Double? = 1, service: String = "web") -> [TestSpan] {
    let root = TestSpan(id).with {
      $0.traceID = id
      $0.service = service
    }
    let child = TestSpan(id + 1, parent: id).with {
      $0.traceID = id
      $0.service = service
    }
    return [priority.map { root.metric("_sampling_priority_v1", $0) } ?? root, child]
  }

  private static let messagePack = ["Content-Type": "application/msgpack"]

  /// Received traces are those kept and those dropped, whatever the reason.
  private static func balances(_ info: InfoAnswer) -> Bool {
    let dropped = info.dropped.values.reduce(0) { $0 + $1.traces }
    return info.received.traces == info.kept.traces + dropped
  }

  @Test func `what comes in over HTTP shows in the tables`() throws {
    let agent = try AgentUnderTest()
    let body = TestPayload.v04([Self.trace(1), Self.trace(3), Self.trace(5, service: "db")])
    let response = try agent.post("/v0.4/traces", body, traces: 3, Self.messagePack)
    #expect(response.status == 200 && response.headers["content-type"] == "application/json")
    #expect(response.headers["datadog-agent-version"] == "1.2.3")
    #expect(response.headers["datadog-agent-state"]?.count == 64)
    let services = try agent.services()
    #expect(services.map(\.service) == ["web", "db"] && services.map(\.hits) == [2, 1])
    #expect(services[0].latency.maxNs == 1_000_000 && services[0].latency.p50Ns <= 1_000_000)
    let resources = try agent.resources(of: "web")
    #expect(resources.map(\.hits) == [4] && resources.map(\.resource) == ["GET /"])
    #expect(agent.info.received.spans == 6 && agent.info.kept.traces == 3 && Self.balances(agent.info))
  }

  @Test func `a payload of v0.7 says who sent it, and which traces are kept`() throws {
    let agent = try AgentUnderTest()
    let body = TestPayload.v07(
      [Self.trace(1, priority: nil), Self.trace(3, priority: 2), Self.trace(5, priority: nil), []],
      priorities: [2, nil, -1, 1],
      sender: [("language_name", "dotnet"), ("tracer_version", "3.2.0"), ("env", "Prod !"), ("container_id", "c0ffee")])
    let response = try agent.post("/v0.7/traces", body, traces: 4, ["Datadog-Meta-Lang": "other"])
    #expect(response.status == 200 && response.body.hasPrefix(#"{"rate_by_service":"#))
    #expect(try agent.services().map(\.hits) == [3])
    let info = agent.info
    #expect(info.kept.traces == 1 && info.dropped["sampling_auto_drop"]?.traces == 1)
    #expect(info.dropped["sampling_user_drop"]?.traces == 1 && info.dropped["empty_trace"]?.traces == 1)
    #expect(Self.balances(info))
    let client = try #require(info.clients.first)
    #expect(client.endpoint == "v0.7" && client.language == "dotnet" && client.tracerVersion == "3.2.0")
  }

  @Test func `a payload of v1.0 says who sent it, and which traces are kept`() throws {
    let agent = try AgentUnderTest()
    let now = MessagePackValue.int(Self.trace(1)[0].startNs)
    func id(_ high: UInt8, _ low: UInt8) -> MessagePackValue {
      .binary([high] + [UInt8](repeating: 0, count: 14) + [low])
    }
    let first: MessagePackValue = [1: "web", 2: "op", 3: "GET /", 4: 1, 6: now, 7: 1_000_000]
    let later: MessagePackValue = [1: 5, 2: 6, 3: 7, 4: 1, 6: now]
    let ownParent: MessagePackValue = [1: 5, 2: 6, 3: 7, 4: 1, 5: 1, 6: now]
    let kept: MessagePackValue = [1: 2, 6: id(1, 7), 4: [first], 7: 4]
    // The whole id counts, and a span that is its own parent is a root.
    let automatic: MessagePackValue = [6: id(1, 0), 4: [ownParent]]
    let dropped: MessagePackValue = [1: -1, 6: id(0, 9), 4: [later]]
    let withoutID: MessagePackValue = [1: 1, 6: id(0, 0), 4: [later]]
    let chunks: MessagePackValue = [kept, automatic, dropped, withoutID]
    let body: MessagePackValue = [3: "go", 5: "v2.9.0", 7: "Prod !", 2: "c0ffee", 11: chunks]
    let response = try agent.post("/v1.0/traces", body.pack(), traces: 4, ["Datadog-Meta-Lang": "other"])
    #expect(response.status == 200 && response.body.hasPrefix(#"{"rate_by_service":"#))
    #expect(try agent.services().map(\.hits) == [3])
    let info = agent.info
    #expect(info.kept.traces == 1 && info.dropped["sampling_auto_drop"]?.traces == 1)
    #expect(info.dropped["sampling_user_drop"]?.traces == 1 && info.dropped["trace_id_zero"]?.traces == 1)
    #expect(Self.balances(info))
    let client = try #require(info.clients.first)
    #expect(client.endpoint == "v1.0" && client.language == "go" && client.tracerVersion == "v2.9.0")
  }

  @Test func `sampling changes nothing of what is shown here`() throws {
    let agent = try AgentUnderTest()
    let body = TestPayload.v04([Self.trace(1, priority: 0), Self.trace(3, priority: -1)])
    _ = try agent.post("/v0.4/traces", body, Self.messagePack)
    let services = try agent.services()
    #expect(services.map(\.hits) == [2])
    #expect(
      agent.info.dropped["sampling_auto_drop"]?.traces == 1 && agent.info.dropped["sampling_user_drop"]?.traces == 1)
    #expect(Self.balances(agent.info))
  }

  @Test func `every trace of a mixed lot of requests is kept or dropped for a reason`() throws {
    let agent = try AgentUnderTest { $0.maxPayloadBytes = 4_000 }
    let good = TestPayload.v04([Self.trace(1), Self.trace(3, priority: 0), Self.trace(5, priority: nil)])
    let malformed = TestPayload.v04([
      [], [TestSpan(0)], [TestSpan(1), TestSpan(2).with { $0.traceID = 9 }], Self.trace(7),
    ])
    #expect(try agent.post("/v0.4/traces", good, traces: 3, Self.messagePack).status == 200)
    #expect(try agent.post("/v0.3/traces", good, traces: 3, Self.messagePack).body == "OK\n")
    #expect(try agent.post("/v0.4/traces", malformed, traces: 4, Self.messagePack).status == 200)
    #expect(try agent.post("/v0.4/traces", Array(good.dropLast(9)), traces: 5, Self.messagePack).status == 400)
    #expect(try agent.post("/v0.4/traces", [0xC1], traces: 6, Self.messagePack).status == 400)
    #expect(try agent.post("/v0.5/traces", good, traces: 2, Self.messagePack).status == 400)
    #expect(try agent.post("/v0.4/traces", [], traces: 7, Self.messagePack).status == 400)
    #expect(try agent.post("/v0.2/traces", good, traces: 1, Self.messagePack).status == 415)
    #expect(
      try agent.post("/v0.4/traces", [UInt8](repeating: 0x90, count: 4_001), traces: 8, Self.messagePack).status == 413)
    #expect(try agent.post("/v0.4/nowhere", good, traces: 9, Self.messagePack).status == 404)
    let crossSite = ["Sec-Fetch-Site": "cross-site"]
    #expect(try agent.post("/v0.4/traces", good, traces: 3, crossSite).status == 403)

    let info = agent.info
    #expect(Self.balances(info))
    // As many as were announced, and not more than the body has bytes.
    #expect(info.received.traces == 3 + 3 + 4 + 5 + 1 + 2 + 0 + 1 + 8)
    #expect(info.malformed["invalid_trace_count"] == 2)
    #expect(info.kept.traces == 5, "four with priority 1 or none, one of the malformed payload")
    #expect(info.dropped["empty_trace"]?.traces == 1 && info.dropped["span_id_zero"]?.traces == 1)
    #expect(info.dropped["foreign_span"]?.traces == 1 && info.dropped["foreign_span"]?.spans == 2)
    #expect(info.dropped["payload_too_large"]?.traces == 8 && info.dropped["unsupported_media_type"]?.traces == 1)
    let undecodable = ["msgp_short_bytes", "decoding_error"].reduce(0) { $0 + (info.dropped[$1]?.traces ?? 0) }
    #expect(undecodable == 5 + 1 + 2 + 0)
    #expect(info.refused["not_found"] == 1 && info.refused["cross_site"] == 1)
    #expect(
      info.lastErrors.count == 2 + 3, "two reasons for which payloads cannot be read, three kinds of dropped traces")
  }

  @Test func `nothing is lost between the threads of many clients at once`() async throws {
    let agent = try AgentUnderTest(threads: 4)
    let port = UncheckedAgent(agent)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<8 as Range<UInt64> {
        group.addTask {
          for request in 0..<10 as Range<UInt64> {
            let id = client * 100 + request * 2 + 1
            let body = TestPayload.v04([Self.trace(id), Self.trace(id, priority: 0), [TestSpan(0)]])
            _ = try port.agent.post("/v0.4/traces", body, traces: 3, Self.messagePack)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(agent.info.received.traces == 240 && agent.info.kept.traces == 80 && Self.balances(agent.info))
    #expect(agent.statistics.collect(sinceNs: 0).services(env: nil).map(\.cell.hits) == [160])
  }

  private struct UncheckedAgent: @unchecked Sendable {
    let agent: AgentUnderTest
    init(_ agent: AgentUnderTest) { self.agent = agent }
  }

  @Test func `an empty payload is fine, and a fresh agent has no rates`() throws {
    let agent = try AgentUnderTest()
    let response = try agent.post("/v0.4/traces", [0x90], Self.messagePack)
    #expect(response.status == 200 && response.body == #"{"rate_by_service":{}}"#)
    #expect(agent.info.received.payloads == 1 && agent.info.received.traces == 0)
  }

  @Test func `a media type with parameters is still MessagePack`() throws {
    let agent = try AgentUnderTest()
    let type = ["Content-Type": "application/msgpack; charset=x"]
    #expect(try agent.post("/v0.4/traces", TestPayload.v04([Self.trace(1)]), type).status == 200)
    #expect(agent.info.kept.traces == 1)
  }

  @Test(arguments: [("1", 429), ("yes", 429), ("no", 429), ("0", 200), ("false", 200), ("", 200)])
  func `over the memory limit only clients that ask are told, and all of v1.0`(header: String, status: Int) throws {
    let agent = try AgentUnderTest()
    agent.receiver.setOverloaded(true)
    let body = TestPayload.v04([Self.trace(1)])
    let headers =
      header.isEmpty ? Self.messagePack : Self.messagePack.merging(["Datadog-Send-Real-Http-Status": header]) { $1 }
    let response = try agent.post("/v0.4/traces", body, traces: 1, headers)
    #expect(response.status == status && response.body == #"{"rate_by_service":{}}"#)
    #expect(agent.info.dropped["memory_limit"]?.traces == 1 && Self.balances(agent.info))
    #expect(try agent.post("/v1.0/traces", [0x80], headers).status == 429)
    agent.receiver.setOverloaded(false)
    #expect(try agent.post("/v0.4/traces", body, traces: 1, headers).status == 200)
    #expect(agent.info.kept.traces == 1)
  }

  @Test func `a client is told the rates once it has others`() throws {
    let agent = try AgentUnderTest()
    let body = TestPayload.v04([Self.trace(1)])
    let first = try agent.post("/v0.4/traces", body, Self.messagePack)
    #expect(first.headers["datadog-rates-payload-version"] == nil)
    let asking = Self.messagePack.merging(["Datadog-Rates-Payload-Version": "unknown"]) { $1 }
    let told = try agent.post("/v0.4/traces", body, asking)
    let version = try #require(told.headers["datadog-rates-payload-version"])
    #expect(told.body == #"{"rate_by_service":{"service:,env:":1}}"#)
    let known = Self.messagePack.merging(["Datadog-Rates-Payload-Version": version]) { $1 }
    let again = try agent.post("/v0.4/traces", body, known)
    #expect(again.body == "{}" && again.headers["datadog-rates-payload-version"] == version)
  }

  @Test func `the services endpoints say OK and info says its state`() throws {
    let agent = try AgentUnderTest()
    for path in ["/v0.4/services", "/v0.3/services", "/v0.2/services", "/v0.1/services", "/services"] {
      #expect(try agent.post(path, Array("{}".utf8)).body == "OK\n", "\(path)")
    }
    let info = try agent.post("/info", [], method: "GET")
    #expect(info.status == 200 && info.headers["datadog-agent-state"] == SHA256.hex(Array(info.body.utf8)))
  }

  @Test func `whoever looks at the root of the port reads in two lines what this is, and counts as no trouble`() throws
  {
    let agent = try AgentUnderTest()
    let page = try agent.post("/", [], method: "GET")
    #expect(page.status == 200 && page.headers["content-type"]?.hasPrefix("text/plain") == true)
    let lines = page.body.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 3 && lines[0].hasPrefix("roost 1.2.3") && lines[1].contains("roost services"))
    #expect(try agent.post("/?a=b", [], ["User-Agent": "curl/8"], method: "GET").body == page.body)
    let head = try agent.post("/", [], method: "HEAD")
    #expect(head.status == 200 && head.body.isEmpty)
    #expect(agent.info.refused == [:] && agent.info.clientIssues == [])
    // What is posted there is lost, and a whole URL is for a proxy.
    #expect(try agent.post("/", Array("{}".utf8), method: "POST").status == 404)
    #expect(try agent.post("http://example.com/", [], method: "GET").status == 404)
    #expect(agent.info.refused == ["not_found": 2])
  }

  @Test func `rates and tables are of the time that is covered, in steps of a bucket`() throws {
    let agent = try AgentUnderTest()
    /// What a table of the last seconds holds: hits, rate and the seconds that it covers.
    func table(last seconds: Int64) throws -> (hits: UInt64, rate: Double, covered: Double) {
      let query = ServicesQuery(windowNs: seconds * 1_000_000_000)
      guard case .services(let answer) = agent.queries.answer(.services(query)) else { throw AgentUnderTest.Broken() }
      let covered = try #require(answer.covered)
      #expect(covered.endNs == agent.nowNs)
      return (answer.rows.first?.hits ?? 0, answer.rows.first?.ratePerSecond ?? 0, covered.seconds)
    }
    // Four hits, one every four seconds: at 0, 4, 8 and 12 of a step's seconds.
    agent.pass(seconds: 10 - agent.nowNs / 1_000_000_000 % 10)
    for index in 0..<4 as Range<Int64> {
      if index > 0 { agent.pass(seconds: 4) }
      let span = TestSpan().with {
        $0.traceID = UInt64(index) + 1
        $0.startNs = agent.nowNs - 1_000
        $0.durationNs = 1_000
      }
      _ = try agent.post("/v0.4/traces", TestPayload.v04([[span]]), Self.messagePack)
    }
    #expect(try table(last: 2) == (1, 1.0 / 2, 2))
    #expect(try table(last: 3) == (4, 4.0 / 12, 12))
    agent.pass(seconds: 1)
    #expect(try table(last: 2) == (1, 1.0 / 3, 3))
    // In the history it is the same, for the last minute at least.
    agent.pass(seconds: 57)
    agent.flusher.flushStats(nowNs: agent.nowNs)
    #expect(try table(last: 60) == (1, 1.0 / 60, 60))
    #expect(try table(last: 61) == (4, 4.0 / 70, 70))
  }

  @Test func `a client shows with its language and versions, and its spans with the fallback service`() throws {
    let agent = try AgentUnderTest()
    let headers = Self.messagePack.merging(
      [
        "Datadog-Meta-Lang": "python", "Datadog-Meta-Lang-Version": "3.12", "Datadog-Meta-Lang-Interpreter": "CPython",
        "Datadog-Meta-Tracer-Version": "4.16",
      ]) { $1 }
    _ = try agent.post("/v0.4/traces", TestPayload.v04([[TestSpan().with { $0.service = "" }]]), headers)
    let client = try #require(agent.info.clients.first)
    #expect([client.language, client.languageVersion, client.interpreter] == ["python", "3.12", "CPython"])
    #expect(client.tracerVersion == "4.16" && client.endpoint == "v0.4" && client.received.traces == 1)
    #expect(agent.statistics.collect(sinceNs: 0).services(env: nil).map(\.service) == ["unnamed-python-service"])
    #expect(agent.info.malformed == ["service_empty": 1])
  }

  @Test func `the busiest services have rows, and the hits of the others are told as one number`() throws {
    let agent = try AgentUnderTest()
    let count = ControlProtocol.rowsMax + 30
    // Every service once, the last ten a second time.
    let numbers = Array(1...count) + Array((count - 9)...count)
    let traces: [[TestSpan]] = numbers.map { number in
      [
        TestSpan(1).with {
          $0.service = "s\(number)"
          $0.traceID = UInt64(number)
        }
      ]
    }
    #expect(try agent.post("/v0.4/traces", TestPayload.v04(traces), Self.messagePack).status == 200)
    guard case .services(let answer) = agent.queries.answer(.services(ServicesQuery())) else {
      Issue.record("no table of services")
      return
    }
    try #require(answer.rows.count == ControlProtocol.rowsMax)
    #expect(answer.hitsWithoutRow == 30)
    #expect(Set(answer.rows.prefix(10).map(\.service)) == Set(numbers.suffix(10).map { "s\($0)" }))
    #expect(answer.rows[9].hits == 2 && answer.rows[10].hits == 1)
  }
}
