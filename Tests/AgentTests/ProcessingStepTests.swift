import Patterns
import Processing
import TestSpans
import Testing
import TraceModel

@testable import Agent

/// Removes the traces of one service.
private struct ServiceFilter: ProcessingStep {
  static let reason = RemovalReason("unwanted_service", .filtered)
  let name = "service_filter"
  let service: StaticString

  var removalReasons: [RemovalReason] { [Self.reason] }

  func process(_ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext) -> RemovalReason? {
    batch.equal(batch.spans[Int(batch.chunks[chunk].root)].service, service) ? Self.reason : nil
  }
}

@Suite struct ProcessingStepTests {
  @Test func `a step that is one value more runs in the agent, and what it removes is accounted for`() throws {
    var steps = ProcessingConfiguration().steps
    steps.insert(ServiceFilter(service: "cron"), at: 2)
    let agent = try AgentUnderTest(steps: steps)
    let cron = TestSpan(2).with { $0.service = "cron" }
    let kept = TestSpan().metric("_sampling_priority_v1", 1)
    for _ in 0..<4 {
      let response = try agent.post("/v0.4/traces", TestPayload.v04([[cron, TestSpan(3, parent: 2)], [kept], []]))
      #expect(response.status == 200)
    }
    let info = agent.info
    #expect(info.received.traces == 12 && info.kept.traces == 4)
    #expect(info.dropped["unwanted_service"]?.traces == 4 && info.dropped["unwanted_service"]?.spans == 8)
    #expect(info.dropped["empty_trace"]?.traces == 4)
    #expect(info.dropped.values.reduce(0) { $0 + $1.traces } + info.kept.traces == info.received.traces)
    #expect(info.malformed == [:])
    #expect(try agent.services().map(\.service) == ["web"])
  }
}

@Suite struct `Traces that a rule about tags drops` {
  @Test func `are in no table, and are counted by reason and by rule`() throws {
    let agent = try AgentUnderTest {
      $0.filterTagsReject = ["outcome:success", "probe", "password:hunter2"]
      $0.filterTagsRequire = ["team"]
    }
    let span = TestSpan().metric("_sampling_priority_v1", 1)
    for trace in [
      [span.meta("team", "core")], [span.meta("team", "core").meta("probe", "1").with { $0.service = "probes" }],
      [span.with { $0.service = "nobody's" }, TestSpan(2, parent: 1)],
      [span.meta("password", "hunter2")],
    ] {
      #expect(try agent.post("/v0.4/traces", TestPayload.v04([trace])).status == 200)
    }
    let info = agent.info
    #expect(info.received.traces == 4 && info.kept.traces == 1)
    #expect(info.dropped["filter_tags_reject"]?.traces == 2 && info.dropped["filter_tags_require"]?.spans == 2)
    #expect(info.filtered["filter_tags_reject probe"]?.traces == 1 && info.filtered.count == 3)
    #expect(info.filtered["filter_tags_require team"]?.traces == 1)
    #expect(info.filtered.keys.allSatisfy { !$0.contains("hunter2") })
    #expect(agent.observed.clientIssues.isEmpty && info.malformed == [:])
    #expect(try agent.services().map(\.service) == ["web"])
    #expect(try agent.post("/info", [], method: "GET").body.contains("\"filter_tags\""))
  }
}

@Suite struct `Rules with patterns` {
  @Test func `drop and rewrite before anything is counted, and tracers are told of them`() throws {
    let ignored = try Pattern("^GET /ping$")
    let required = try TagPattern("team:^co")
    let rule = try ReplaceRule(name: "resource.name", pattern: Pattern("[0-9]+"), replacement: "?")
    let agent = try AgentUnderTest {
      $0.ignoreResources = [ignored]
      $0.filterTagsRegexRequire = [required]
      $0.replaceRules = [rule]
    }
    let span = TestSpan().metric("_sampling_priority_v1", 1).meta("team", "core")
    for trace in [
      [span.with { $0.resource = "GET /ping" }], [span.with { $0.resource = "GET /cart/42" }], [TestSpan()],
    ] {
      #expect(try agent.post("/v0.4/traces", TestPayload.v04([trace])).status == 200)
    }
    let info = agent.info
    #expect(info.received.traces == 3 && info.kept.traces == 1 && info.undecided == [:])
    #expect(info.filtered.keys.sorted() == ["filter_tags_regex_require team:^co", "ignore_resources ^GET /ping$"])
    let told = try agent.post("/info", [], method: "GET").body.filter { !$0.isWhitespace }
    for text in [
      #""ignore_resources":["^GET/ping$"]"#, #""filter_tags_regex":{"require":["team:^co"]}"#,
      #""tag_replace_rules":[{"name":"resource.name","pattern":"[0-9]+","repl":"?"}]"#, #""sql_obfuscation_mode":"""#,
    ] {
      #expect(told.contains(text), "\(text)")
    }
  }
}
