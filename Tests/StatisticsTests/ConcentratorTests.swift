import TestSpans
import Testing
import TraceModel

@testable import Statistics

@Suite struct ConcentratorTests {
  @Test(
    arguments: [
      ("a top-level span", TestSpan(), 1, 1),
      ("an inner span", TestSpan(2, parent: 1), 0, 0),
      ("a measured inner span", TestSpan(2, parent: 1).metric("_dd.measured", 1), 1, 0),
      ("an inner client span", TestSpan(2, parent: 1).meta("span.kind", "client"), 1, 0),
      ("an inner SERVER span", TestSpan(2, parent: 1).meta("span.kind", "SERVER"), 1, 0),
      ("an inner producer span", TestSpan(2, parent: 1).meta("span.kind", "producer"), 1, 0),
      ("an inner Consumer span", TestSpan(2, parent: 1).meta("span.kind", "Consumer"), 1, 0),
      ("an inner internal span", TestSpan(2, parent: 1).meta("span.kind", "internal"), 0, 0),
      ("an inner span of an odd kind", TestSpan(2, parent: 1).meta("span.kind", "servex"), 0, 0),
      ("an inner span of another service", TestSpan(2, parent: 1).with { $0.service = "db" }, 1, 1),
      ("a snapshot", TestSpan().metric("_dd.partial_version", 1), 0, 0),
      ("a measured snapshot", TestSpan(2, parent: 1).metric("_dd.measured", 1).metric("_dd.partial_version", 0), 0, 0),
    ] as [(String, TestSpan, UInt64, UInt64)])
  func `spans count by the rules`(name: String, span: TestSpan, hits: UInt64, topLevelHits: UInt64) throws {
    let marked = span.with { $0.resource = "the one" }
    let trace = span.spanID == 1 ? [marked] : [TestSpan(), marked]
    let seen = try groups([trace]).filter { $0.resource == "the one" }
    #expect(seen.reduce(0) { $0 + $1.hits } == hits, "\(name)")
    #expect(seen.reduce(0) { $0 + $1.topLevelHits } == topLevelHits, "\(name)")
  }

  @Test func `kinds alone do not count where that is turned off`() throws {
    let trace = [TestSpan(), TestSpan(2, parent: 1).meta("span.kind", "client")]
    #expect(try groups([trace]) { $0.countsBySpanKind = false }.map(\.hits) == [1])
  }

  @Test func `refused traces do not count`() throws {
    #expect(try groups([[TestSpan(0)], [TestSpan()]]).map(\.hits) == [1])
  }

  static let otherSpans: [(String, TestSpan)] = [
    ("service", TestSpan().with { $0.service = "db" }), ("name", TestSpan().with { $0.name = "other" }),
    ("resource", TestSpan().with { $0.resource = "GET /x" }), ("type", TestSpan().with { $0.type = "http" }),
    ("span kind", TestSpan().meta("span.kind", "server")), ("status", TestSpan().meta("http.status_code", "200")),
    ("gRPC status", TestSpan().meta("grpc.code", "OK")),
    ("source of the service", TestSpan().meta("_dd.svc_src", "opt")),
    ("origin", TestSpan().meta("_dd.origin", "synthetics-browser")), ("parent", TestSpan(1, parent: 77)),
    ("peer", TestSpan().meta("_dd.base_service", "base")),
    // A text must not run into its neighbour.
    (
      "border of texts",
      TestSpan().with {
        $0.service = "webflask"
        $0.name = "request"
      }
    ),
  ]

  @Test(arguments: otherSpans) func `each part of the key separates groups`(part: String, other: TestSpan) throws {
    let seen = try groups([[TestSpan()], [other.with { $0.traceID = 2 }], [TestSpan().with { $0.traceID = 3 }]])
    #expect(seen.map(\.hits).sorted() == [1, 2], "\(part)")
  }

  @Test func `what is no part of the key does not`() throws {
    let other = TestSpan(9).meta("http.url", "/x").metric("x", 1).with {
      $0.traceID = 2
      $0.error = 1
      $0.durationNs = 5
    }
    let seen = try groups([[TestSpan()], [other]])
    #expect(seen.map(\.hits) == [2] && seen[0].errors == 1)
  }

  static let payloadParts: [(String, @Sendable (inout SpanBatch) -> Void)] = [
    ("env", { $0.payload.env = $0.addBytes(Array("prod".utf8)) }),
    ("host", { $0.payload.hostname = $0.addBytes(Array("box".utf8)) }),
    ("version", { $0.payload.appVersion = $0.addBytes(Array("2".utf8)) }),
    ("container", { $0.payload.containerID = $0.addBytes(Array("c1".utf8)) }),
    ("commit", { $0.payload.gitCommitSha = $0.addBytes(Array("abc".utf8)) }),
    ("language", { $0.payload.languageName = $0.addBytes(Array("go".utf8)) }),
    ("process tags", { $0.payload.processTags = $0.addBytes(Array("a:1".utf8)) }),
  ]

  @Test(arguments: payloadParts.indices) func `each part of the payload separates clients`(part: Int) throws {
    var counting = Counting()
    try counting.add([[TestSpan()]])
    try counting.add([[TestSpan()]], payload: Self.payloadParts[part].1)
    try counting.add([[TestSpan()]])
    let payload = counting.payload()
    #expect(payload.stats.map { $0.stats[0].stats[0].hits }.sorted() == [1, 2], "\(Self.payloadParts[part].0)")
  }

  @Test func `a client without env and host gets the agent's`() throws {
    var counting = Counting { $0.defaultEnv = "dev" }
    try counting.add([[TestSpan()]])
    let payload = counting.payload()
    #expect(payload.agentHostname == "agent-host" && payload.agentEnv == "agent-env" && payload.agentVersion == "1.2")
    #expect(payload.stats.map(\.env) == ["dev"] && payload.stats.map(\.hostname) == ["agent-host"])
    #expect(!payload.clientComputed && !payload.splitPayload)
  }

  @Test func `a group says all of its key`() throws {
    let span = TestSpan().meta("span.kind", "server").meta("http.status_code", "404").meta("_dd.svc_src", "opt")
      .meta("grpc.code", "NotFound").meta("_dd.origin", "synthetics").with {
        $0.error = 1
        $0.durationNs = 7_000
      }
    let group = try #require(try groups([[span]]).first)
    var expected = ClientGroupedStats()
    expected.service = "web"
    expected.name = "flask.request"
    expected.resource = "GET /"
    expected.type = "web"
    expected.spanKind = "server"
    expected.httpStatusCode = 404
    expected.serviceSource = "opt"
    expected.grpcStatusCode = "5"
    expected.synthetics = true
    expected.isTraceRoot = .yes
    expected.hits = 1
    expected.topLevelHits = 1
    expected.errors = 1
    expected.duration = 7_000
    expected.okSummary = group.okSummary
    expected.errorSummary = group.errorSummary
    #expect(group == expected)
    #expect(try SketchReader(group.okSummary).bins.isEmpty)
    #expect(try SketchReader(group.errorSummary).bins == [DDSketch.index(of: DDSketch.truncated(durationNs: 7_000)): 1])
  }

  @Test func `an inner span is not the trace's root`() throws {
    let seen = try groups([[TestSpan(), TestSpan(2, parent: 1).metric("_dd.measured", 1)]])
    #expect(Set(seen.map(\.isTraceRoot)) == [.yes, .no])
  }

  @Test(arguments: [
    ("synthetics", true), ("synthetics-browser", true), ("rum", false), ("", false), ("synthetic", false),
  ])
  func `an origin that starts with synthetics marks the group`(origin: String, isSynthetics: Bool) throws {
    #expect(try groups([[TestSpan().meta("_dd.origin", origin)]]).map(\.synthetics) == [isSynthetics])
  }

  @Test func `what the client counts itself is not sent but counts here`() throws {
    var counting = Counting()
    try counting.add([[TestSpan()]], isForwarded: false)
    try counting.add([[TestSpan()]])
    var aggregate = LocalAggregate()
    for bucket in counting.concentrator.buckets { aggregate.add(bucket) }
    #expect(aggregate.services(env: nil).map(\.cell.hits) == [2])
    #expect(counting.groups().map(\.hits) == [1])
    try counting.add([[TestSpan()]], isForwarded: false)
    #expect(counting.payload().stats.isEmpty)
  }
}
