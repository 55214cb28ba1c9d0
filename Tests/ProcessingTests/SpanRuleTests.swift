import MessagePack
import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Processing

@Suite struct SpanRuleTests {
  /// What a rule gets, what it has to make of it, and what it has to count.
  struct Rule: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout TestSpan) -> Void
    var counted: [String]
    var expect: @Sendable (SeenSpan) -> Bool
    var language = ""

    init(
      _ name: String, _ change: @escaping @Sendable (inout TestSpan) -> Void, _ counted: [String],
      language: String = "",
      _ expect: @escaping @Sendable (SeenSpan) -> Bool
    ) {
      testDescription = name
      self.change = change
      self.counted = counted
      self.expect = expect
      self.language = language
    }
  }

  private static let long = String(repeating: "é", count: 60)
  private static let cut = String(repeating: "é", count: 50)

  static let rules: [Rule] = [
    Rule("nothing to repair", { _ in }, []) {
      $0.service == "web" && $0.name == "flask.request" && $0.resource == "GET /"
    },
    Rule("no service", { $0.service = "" }, ["service_empty:1"]) { $0.service == "unnamed-service" },
    Rule("no service, known language", { $0.service = "" }, ["service_empty:1"], language: "python") {
      $0.service == "unnamed-python-service"
    },
    Rule("service too long", { $0.service = long }, ["service_truncate:1"]) { $0.service == cut },
    Rule("service not a tag", { $0.service = "Retargeting(api " }, []) { $0.service == "retargeting_api" },
    Rule("service without a legal character", { $0.service = "@ !" }, ["service_invalid:1"], language: "go") {
      $0.service == "unnamed-go-service"
    },
    Rule("service that begins with a digit", { $0.service = "3scale-gw" }, []) { $0.service == "3scale-gw" },
    Rule("service that is an address", { $0.service = "10.0.0.7" }, []) { $0.service == "10.0.0.7" },
    Rule("service that is a number", { $0.service = "2031" }, []) { $0.service == "2031" },
    Rule("service that begins with a sign", { $0.service = "@acme/cart" }, []) { $0.service == "_acme/cart" },
    Rule(
      "service whose cut leaves a sign at the end", { $0.service = String(repeating: "7", count: 99) + "@x" },
      ["service_truncate:1"]
    ) {
      $0.service == String(repeating: "7", count: 99)
    },
    Rule("peer.service that begins with a digit", { $0.meta = [("peer.service", "7-Eleven")] }, []) {
      $0.meta["peer.service"] == "7-eleven"
    },
    Rule("base service that begins with a sign", { $0.meta = [("_dd.base_service", "@acme/cart")] }, []) {
      $0.meta["_dd.base_service"] == "_acme/cart"
    },
    Rule("peer.service", { $0.meta = [("peer.service", "DB 1")] }, []) { $0.meta["peer.service"] == "db_1" },
    Rule("peer.service empty", { $0.meta = [("peer.service", "")] }, []) { $0.meta["peer.service"] == "" },
    Rule("peer.service too long", { $0.meta = [("peer.service", long)] }, ["peer_service_truncate:1"]) {
      $0.meta["peer.service"] == cut
    },
    Rule("peer.service invalid", { $0.meta = [("peer.service", "!!")] }, ["peer_service_invalid:1"]) {
      $0.meta["peer.service"] == ""
    },
    Rule("base service too long", { $0.meta = [("_dd.base_service", long)] }, ["base_service_truncate:1"]) {
      $0.meta["_dd.base_service"] == cut
    },
    Rule("base service invalid", { $0.meta = [("_dd.base_service", "_")] }, ["base_service_invalid:1"]) {
      $0.meta["_dd.base_service"] == ""
    },
    Rule("no name", { $0.name = "" }, ["span_name_empty:1"]) { $0.name == "unnamed_operation" },
    Rule("name too long", { $0.name = String(repeating: "a-", count: 60) }, ["span_name_truncate:1"]) {
      $0.name == String(repeating: "a_", count: 49) + "a"
    },
    Rule("name without a letter", { $0.name = "&***" }, ["span_name_invalid:1"]) { $0.name == "unnamed_operation" },
    Rule(
      "no resource takes the repaired name",
      {
        $0.resource = ""
        $0.name = "bad-name"
      }, ["resource_empty:1"]
    ) {
      $0.resource == "bad_name"
    },
    Rule("resource is no tag", { $0.resource = "GET /Ünï?q=1" }, []) { $0.resource == "GET /Ünï?q=1" },
    Rule(
      "Zipkin root",
      {
        $0.traceID = 42
        $0.spanID = 42
        $0.parentID = 42
      }, []
    ) { $0.parentID == 0 },
    Rule(
      "own parent in another trace",
      {
        $0.traceID = 7
        $0.spanID = 42
        $0.parentID = 42
      }, ["parent_cycle:1"]
    ) { $0.parentID == 42 },
    Rule("negative duration", { $0.durationNs = -50 }, ["invalid_duration:1"]) { $0.durationNs == 0 },
    Rule("no duration", { $0.durationNs = 0 }, []) { $0.durationNs == 0 },
    Rule(
      "end beyond all times",
      {
        $0.startNs = .max
        $0.durationNs = 1
      }, ["invalid_duration:1"]
    ) {
      $0.durationNs == 0 && $0.startNs == .max
    },
    Rule(
      "start before 2000",
      {
        $0.startNs = 42
        $0.durationNs = 1_000
      }, ["invalid_start_date:1"]
    ) {
      $0.startNs == now - 1_000 && $0.durationNs == 1_000
    },
    Rule("start at 2000", { $0.startNs = 946_684_800_000_000_000 }, []) { $0.startNs == 946_684_800_000_000_000 },
    Rule("start just before 2000", { $0.startNs = 946_684_799_999_999_999 }, ["invalid_start_date:1"]) {
      $0.startNs == now - 1_000_000
    },
    Rule(
      "start before 2000 and longer than time",
      {
        $0.startNs = 0
        $0.durationNs = .max
      }, ["invalid_start_date:1"]
    ) { $0.startNs == now && $0.durationNs == .max },
    Rule("start in the future", { $0.startNs = now * 2 }, []) { $0.startNs == now * 2 },
    Rule("type too long", { $0.type = "T" + long }, ["type_truncate:1"]) {
      $0.type == "T" + String(repeating: "é", count: 49)
    },
    Rule("type keeps its case", { $0.type = "Web" }, []) { $0.type == "Web" },
    Rule("env", { $0.meta = [("env", " DEVELOPMENT")] }, []) { $0.meta["env"] == "_development" },
    Rule("status 100", { $0.meta = [("http.status_code", "100")] }, []) { $0.meta["http.status_code"] == "100" },
    Rule("status 599", { $0.meta = [("http.status_code", "599")] }, []) { $0.meta["http.status_code"] == "599" },
    Rule("status 99", { $0.meta = [("http.status_code", "99")] }, ["invalid_http_status_code:1"]) {
      $0.meta["http.status_code"] == nil
    },
    Rule("status 600", { $0.meta = [("http.status_code", "600")] }, ["invalid_http_status_code:1"]) {
      $0.meta["http.status_code"] == nil
    },
    Rule("status a text", { $0.meta = [("http.status_code", "Invalid")] }, ["invalid_http_status_code:1"]) {
      $0.meta["http.status_code"] == nil
    },
    Rule(
      "status beyond numbers", { $0.meta = [("http.status_code", "18446744073709551816")] },
      ["invalid_http_status_code:1"]
    ) { $0.meta["http.status_code"] == nil },
    Rule("status twice", { $0.meta = [("http.status_code", "x"), ("http.status_code", "200")] }, []) {
      $0.meta["http.status_code"] == "200"
    },
    Rule(
      "link name",
      {
        $0.overrides["span_links"] = [
          ["trace_id": 1, "span_id": 2, "attributes": ["link.name": "bad-name", "x": "a-b"]]
        ]
      }, []
    ) { $0.linkAttributes == ["bad_name", "a-b"] },
    Rule(
      "everything at once",
      {
        $0.service = ""
        $0.name = ""
        $0.resource = ""
        $0.durationNs = -1
        $0.startNs = 1
        $0.type = long
      },
      [
        "invalid_duration:1", "invalid_start_date:1", "resource_empty:1", "service_empty:1", "span_name_empty:1",
        "type_truncate:1",
      ]
    ) { $0.resource == "unnamed_operation" && $0.startNs == now },
    Rule(
      "texts that are not UTF-8",
      {
        let broken = MessagePackValue.string(Array("test".utf8) + [0x99, 0x8F])
        for field in ["service", "name", "resource", "type"] { $0.overrides[field] = broken }
      }, []
    ) {
      $0.service == "test" && $0.name == "test" && $0.resource == "test\u{FFFD}\u{FFFD}"
        && $0.type == "test\u{FFFD}\u{FFFD}"
    },
  ]

  @Test(arguments: rules) func `a span is repaired and what was repaired is counted`(rule: Rule) throws {
    let processed = try process([[TestSpan().with(rule.change)]], language: rule.language)
    #expect(processed.removed == [])
    #expect(processed.repaired == rule.counted)
    #expect(rule.expect(processed.span), "\(processed.span)")
  }

  @Test func `services come out as the published vectors say`() throws {
    for pair in try Fixtures.pairs("normalize_service") {
      #expect(try process(TestSpan().with { $0.service = pair.input }).span.service == pair.expected)
    }
  }

  @Test func `the component is the name only where the feature asks for it`() throws {
    let span = TestSpan().meta("component", "my-component")
    #expect(try process(span).span.name == "flask.request")
    var configuration = ProcessingConfiguration()
    configuration.usesComponentAsName = true
    #expect(try process([[span]], configuration).span.name == "my_component")
    #expect(try process([[TestSpan()]], configuration).span.name == "flask.request")
  }

  @Test func `every repaired span of every trace is counted`() throws {
    let bad = TestSpan(2, parent: 1).with { $0.service = "" }
    let processed = try process([[TestSpan(), bad], [bad, TestSpan(3, parent: 2).with { $0.service = "" }]])
    #expect(processed.repaired == ["service_empty:3"])
  }

  @Test func `counts of two threads add up`() throws {
    var sum = try process([[], [TestSpan().with { $0.service = "" }]]).counts
    sum.add(try process([[], [TestSpan().with { $0.service = "" }], [TestSpan(0)]]).counts)
    let both = Processed(batch: SeenBatch(SpanBatch()), counts: sum)
    #expect(both.repaired == ["service_empty:2"])
    #expect(both.removed == ["empty_trace:2/0", "span_id_zero:1/1"])
  }
}
