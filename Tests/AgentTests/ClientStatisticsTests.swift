import Control
import MessagePack
import Statistics
import TestSpans
import Testing

@testable import Agent

/// Statistics that a tracer computed, beside the traces that they are of.
@Suite struct ClientStatisticsTests {
  private static let statsPath = "/v0.6/stats"
  private static let computed = [
    "Content-Type": "application/msgpack", "Datadog-Client-Computed-Stats": "yes",
    "Datadog-Client-Computed-Top-Level": "yes",
  ]

  private static func sketch(_ durationsMs: [Double]) -> MessagePackValue {
    var sketch = DDSketch()
    for duration in durationsMs { sketch.add(duration * 1_000_000) }
    return .binary(sketch.protobuf())
  }

  private static func group(_ resource: String, service: String = "web", type: String = "web", hits: Int64 = 1)
    -> MessagePackValue
  {
    [
      "Service": .text(service), "Name": "flask.request", "Resource": .text(resource), "HTTPStatusCode": 200,
      "Type": .text(type), "Hits": .int(hits), "Errors": 0, "Duration": .int(hits * 1_000_000),
      "OkSummary": sketch(Array(repeating: 1, count: Int(hits))), "ErrorSummary": sketch([]), "Synthetics": false,
      "TopLevelHits": .int(hits), "SpanKind": "server", "PeerTags": nil, "IsTraceRoot": 1, "Unheard": ["of": 1],
    ]
  }

  private static func payload(
    _ groups: [MessagePackValue], startNs: Int64 = TestSpan.someTimeNs, language: MessagePackValue = "python"
  ) -> [UInt8] {
    let bucket: MessagePackValue = ["Start": .int(startNs), "Duration": 10_000_000_000, "Stats": .array(groups)]
    return MessagePackValue.map([
      ("Hostname", "box"), ("Env", "test"), ("Version", "1.0"), ("Lang", language), ("Stats", [bucket]),
    ]).pack()
  }

  private static func traces(_ count: Int, name: String = "flask.request") -> [UInt8] {
    TestPayload.v04(
      (1...UInt64(count)).map { id in
        [
          TestSpan(id).with {
            $0.traceID = id
            $0.name = name
          }.metric("_dd.top_level", 1).metric("_sampling_priority_v1", 1)
        ]
      })
  }

  /// Lets all that is counted close, flush by flush.
  private static func close(_ agent: AgentUnderTest, seconds: Int = 100) {
    for _ in 0..<seconds / 10 {
      agent.pass(seconds: 10)
      agent.flusher.flushStats(nowNs: agent.nowNs)
    }
  }

  /// Hits of all services; the traces name no environment, and have a row of their own.
  private static func hits(_ agent: AgentUnderTest) throws -> UInt64 {
    try agent.services().reduce(0) { $0 + $1.hits }
  }

  private static func missing(_ agent: AgentUnderTest) -> [ClientIssueRow] {
    agent.info.clientIssues.filter { $0.kind == "missing_statistics" }
  }

  @Test func `shows what a client counted, and not its traces again`() throws {
    let agent = try AgentUnderTest()
    #expect(try agent.post("/v0.4/traces", Self.traces(2), Self.computed).status == 200)
    #expect(try agent.services().map(\.hits) == [2], "until the client's statistics come")
    let answer = try agent.post(Self.statsPath, Self.payload([Self.group("GET /", hits: 5)]))
    #expect(answer.status == 200 && answer.body.isEmpty)
    let services = try agent.services()
    #expect(services.map(\.hits) == [5] && services.map(\.env) == ["test"])
    #expect(try agent.resources(of: "web").map(\.resource) == ["GET /"])
    #expect(try agent.resources(of: "web").map(\.hits) == [5])
    // The same once all of it has closed.
    Self.close(agent)
    #expect(try agent.services().map(\.hits) == [5] && Self.missing(agent).isEmpty)
  }

  @Test func `counts the traces of other clients of the service`() throws {
    let agent = try AgentUnderTest()
    _ = try agent.post(Self.statsPath, Self.payload([Self.group("GET /", hits: 5)]))
    _ = try agent.post("/v0.4/traces", Self.traces(2), Self.computed)
    _ = try agent.post("/v0.4/traces", Self.traces(3), ["Content-Type": "application/msgpack"])
    #expect(try Self.hits(agent) == 8)
  }

  @Test func `keeps the hits of a client that sends no statistics, and says so after a minute`() throws {
    let agent = try AgentUnderTest()
    let client = ["Datadog-Meta-Lang": "java", "Datadog-Meta-Tracer-Version": "1.50"]
    _ = try agent.post("/v0.4/traces", Self.traces(2, name: "servlet.request"), Self.computed.merging(client) { $1 })
    // Another client of the same service does as it says.
    _ = try agent.post("/v0.4/traces", Self.traces(4), Self.computed)
    _ = try agent.post(Self.statsPath, Self.payload([Self.group("GET /", hits: 4)]))
    Self.close(agent, seconds: 50)
    #expect(try Self.missing(agent).isEmpty && Self.hits(agent) == 6)
    Self.close(agent)
    #expect(try Self.hits(agent) == 6)
    let issue = try #require(Self.missing(agent).first)
    #expect(issue.detail == "web" && issue.client == "java 1.50" && issue.amount == 2 && issue.count == 1)
  }

  @Test(arguments: [("python", 6 as UInt64), ("cpython", 4)])
  func `tells apart clients of one operation that name themselves with statistics as with traces`(
    language: String, hits: UInt64
  ) throws {
    let agent = try AgentUnderTest()
    func send(_ count: Int, _ language: String) throws {
      let client = ["Datadog-Meta-Lang": language, "Datadog-Meta-Tracer-Version": "1.50"]
      _ = try agent.post("/v0.4/traces", Self.traces(count), Self.computed.merging(client) { $1 })
    }
    try send(2, "java")
    try send(4, "python")
    let sender = ["Datadog-Meta-Lang": language, "Datadog-Meta-Tracer-Version": "1.50"]
    _ = try agent.post(Self.statsPath, Self.payload([Self.group("GET /", hits: 4)], language: nil), sender)
    #expect(try Self.hits(agent) == hits)
    Self.close(agent)
    #expect(try Self.hits(agent) == hits)
    #expect(Self.missing(agent).map(\.client) == (hits == 6 ? ["java 1.50"] : []))
  }

  @Test func `says nothing of a client whose statistics cannot have come yet`() throws {
    let agent = try AgentUnderTest()
    _ = try agent.post("/v0.4/traces", Self.traces(2), Self.computed)
    agent.pass(seconds: 5)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(try Self.missing(agent).isEmpty && agent.services().map(\.hits) == [2])
  }

  @Test func `counts the operations that a client leaves out, and finds no fault with it`() throws {
    let agent = try AgentUnderTest()
    let client = ["Datadog-Meta-Lang": "python", "Datadog-Meta-Tracer-Version": "2.21"]
    let headers = Self.computed.merging(client) { $1 }
    _ = try agent.post(Self.statsPath, Self.payload([Self.group("GET /", hits: 5)]), client)
    _ = try agent.post("/v0.4/traces", Self.traces(5), headers)
    _ = try agent.post("/v0.4/traces", Self.traces(3, name: "celery.run"), headers)
    #expect(try Self.hits(agent) == 8)
    Self.close(agent)
    #expect(try Self.hits(agent) == 8 && Self.missing(agent).isEmpty)
  }

  @Test func `says how many traces a client left out itself`() throws {
    let agent = try AgentUnderTest()
    let dropped = ["Datadog-Client-Dropped-P0-Traces": "41", "Datadog-Client-Dropped-P0-Spans": "120"]
    _ = try agent.post("/v0.4/traces", Self.traces(1), Self.computed.merging(dropped) { $1 })
    #expect(agent.info.clientDropped == TraceCounts(traces: 41, spans: 120) && agent.info.received.traces == 1)
  }

  @Test func `hides data in resources unless the client has done so`() throws {
    let agent = try AgentUnderTest()
    let query = Self.payload([Self.group("SELECT 42", service: "db", type: "sql")])
    _ = try agent.post(Self.statsPath, query)
    #expect(try agent.resources(of: "db").map(\.resource) == ["SELECT ?"])
    _ = try agent.post(Self.statsPath, query, ["Datadog-Obfuscation-Version": "1"])
    #expect(Set(try agent.resources(of: "db").map(\.resource)) == ["SELECT ?", "SELECT 42"])
  }

  @Test func `can be looked into as traces can, up to where they go wrong`() throws {
    let bad: MessagePackValue = ["Service": "web", "Hits": "many"]
    let bytes = Self.payload([Self.group("GET /", hits: 5), bad])
    let read = try PayloadInspector.inspect(CapturedPayload(bytes, fileName: "", format: nil))
    #expect(read.format == "v0.6/stats" && read.fault?.field == "Hits of group 1 of bucket 0" && read.traces.isEmpty)
    #expect(read.client.map(\.key) == ["Hostname", "Env", "Version", "Lang"])
    let group = try #require(read.groups?.first)
    #expect(read.groups?.count == 1)
    #expect([group.service, group.operation, group.resource] == ["web", "flask.request", "GET /"])
    #expect(group.bucketStartNs == UInt64(TestSpan.someTimeNs) && group.bucketWidthNs == 10_000_000_000)
    #expect([group.hits, group.topLevelHits, group.errors, group.durationNs] == [5, 5, 0, 5_000_000])
    #expect((990_000...1_010_000).contains(group.latency.p50Ns) && group.latency.maxNs == group.latency.p99Ns)
    #expect(group.dimensions.map(\.key) == ["HTTPStatusCode", "SpanKind", "IsTraceRoot"])
    #expect(group.dimensions.map(\.value) == ["200", "server", "true"])
    #expect(read.document["groups"]?.elements?.first?["hits"]?.integer == 5)
    // The agent keeps it as such, too.
    let agent = try AgentUnderTest()
    _ = try agent.post(Self.statsPath, bytes)
    #expect(agent.info.badPayloads.first?.format == "v0.6/stats")
  }

  @Test func `says which group of a payload cannot be read`() throws {
    let agent = try AgentUnderTest()
    let bad: MessagePackValue = ["Service": "web", "Hits": "many"]
    let answer = try agent.post(Self.statsPath, Self.payload([Self.group("GET /"), bad]))
    #expect(answer.status == 400)
    #expect(answer.body.contains("field Hits of group 1 of bucket 0: expected integer, saw string"), "\(answer.body)")
    let broken: MessagePackValue = ["Service": "web", "OkSummary": .binary([0x0A, 9, 0x09])]
    #expect(try agent.post(Self.statsPath, Self.payload([broken])).body.contains("OkSummary of group 0 of bucket 0"))
    #expect(agent.info.refused == ["decoding_error": 1, "msgp_short_bytes": 1])
    #expect(try agent.services().isEmpty)
  }
}
