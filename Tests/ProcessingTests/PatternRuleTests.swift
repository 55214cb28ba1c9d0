import Patterns
import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Processing

@Suite struct PatternRuleTests {
  private static func rules(_ rules: [(String, String, String)]) throws -> [ReplaceRule] {
    try rules.map { try ReplaceRule(name: $0.0, pattern: Pattern($0.1), replacement: $0.2) }
  }

  private static func replaced(_ span: TestSpan, _ rules: [(String, String, String)]) throws -> SeenSpan {
    var configuration = ProcessingConfiguration()
    configuration.replaceRules = try Self.rules(rules)
    return try process([[span]], configuration).span
  }

  @Test func `every vector of ignored resources comes out as Datadog's`() throws {
    let vectors = try Fixtures.vectors("ignore_resources")
    try #require(vectors.count >= 6)
    for vector in vectors {
      let patterns = try #require(vector["patterns"] as? [String])
      let (resource, isAllowed) = try (#require(vector["resource"] as? String), #require(vector["allowed"] as? Bool))
      var configuration = ProcessingConfiguration()
      // One does not compile; there the agent has no such rule, and here it does not start.
      configuration.ignoredResources = patterns.compactMap { try? Pattern($0) }
      let processed = try process([[TestSpan().resource(resource)]], configuration)
      #expect((processed.batch.chunks[0].removal == nil) == isAllowed, "\(patterns) \(resource)")
    }
  }

  @Test func `every vector of replaced tags comes out as Datadog's`() throws {
    let vectors = try Fixtures.vectors("replace_tags").filter { $0["rules"] is [[String]] }
    try #require(vectors.count >= 2)
    for vector in vectors {
      let rules = try #require(vector["rules"] as? [[String]]).map { ($0[0], $0[1], $0[2]) }
      let got = try #require(vector["got"] as? [String: String])
      let want = try #require(vector["want"] as? [String: String])
      var span = TestSpan()
      for (key, value) in got where key != "resource.name" { span = span.meta(key, value) }
      if let resource = got["resource.name"] { span = span.resource(resource) }
      let seen = try Self.replaced(span, rules)
      for (key, value) in want { #expect((key == "resource.name" ? seen.resource : seen.meta[key]) == value, "\(key)") }
    }
  }

  @Test func `filters with patterns look at the root's texts, and exact rules silence them`() throws {
    let trace = [TestSpan(2, parent: 1).meta("child", "abc"), TestSpan().meta("url", "http://a/b").metric("n", 5)]
    func removed(require: [String] = [], reject: [String] = [], exact: [String] = []) throws -> [String] {
      var configuration = ProcessingConfiguration()
      configuration.requiredTagPatterns = try require.map { try TagPattern($0) }
      configuration.rejectedTagPatterns = try reject.map { try TagPattern($0) }
      configuration.rejectedTags = exact.compactMap(TagRule.init)
      return try process([trace], configuration).counts.removals.filter { $0.traces > 0 }.map {
        "\($0.reason.name) \($0.reason.rule ?? "")"
      }
    }
    #expect(try removed(reject: ["url:^http://[a-c]/"]) == ["filter_tags_regex_reject url:^http://[a-c]/"])
    #expect(try removed(reject: ["url"]) == ["filter_tags_regex_reject url"])
    #expect(try removed(reject: ["url:x", "child:b", "n:5", "nobody:.*"]) == [])
    #expect(try removed(reject: ["url:a"], exact: ["url:other"]) == [])
    #expect(try removed(require: ["url:/b$"]) == [])
    #expect(try removed(require: ["url:/c$"]) == ["filter_tags_regex_require url:/c$"])
    #expect(try removed(require: ["nobody:.*"]) == ["filter_tags_regex_require nobody:.*"])
    #expect(try removed(require: ["url:/c$"], reject: ["url:b"]) == ["filter_tags_regex_reject url:b"])
  }

  @Test func `a number is taken as its text, and moves to the texts when it is none any more`() throws {
    let span = TestSpan().metric("code", 404).metric("rate", 0.5).metric("big", 1e21).metric("_hidden", 404)
      .metric("small", 1.5e-7)
    let seen = try Self.replaced(
      span, [("*", "^4", "5"), ("rate", "0\\.", "x"), ("big", "0+$", "n"), ("small", "^0\\.0+", "")])
    #expect(seen.metrics["code"] == 504 && seen.metrics["_hidden"] == 404)
    #expect(seen.metrics["rate"] == nil && seen.meta["rate"] == "x5")
    #expect(seen.metrics["big"] == nil && seen.meta["big"] == "1n")
    #expect(seen.metrics["small"] == 15)
    let both = try Self.replaced(TestSpan().meta("n", "text").metric("n", 1), [("n", "1", "one")])
    #expect(both.meta["n"] == "one" && both.metrics["n"] == nil)
  }

  @Test func `rules run in their order, see what obfuscation left, and spare what begins with an underscore`() throws {
    let span = TestSpan().resource("GET /x").meta("http.url", "http://me:secret@a/x").meta("_dd.p.x", "x")
      .meta("card", "4111 1111 1111 1111")
    let seen = try Self.replaced(
      span, [("*", "x", "y"), ("http.url", "y$", "z"), ("card", "^\\?$", "hidden"), ("*", "[?]", "")])
    #expect(seen.meta["http.url"] == "http://a/z" && seen.resource == "GET /y" && seen.meta["_dd.p.x"] == "x")
    #expect(seen.meta["card"] == "hidden")
    #expect(try Self.replaced(span, [("_dd.p.x", "x", "y")]).meta["_dd.p.x"] == "y")
  }

  @Test func `a rule that cannot be decided keeps the trace and hides the value, and is counted`() throws {
    let text = String(repeating: "a", count: 4_000) + "b"
    let trace = [TestSpan().resource(text).meta("a", text).meta("b", "fine")]
    var configuration = ProcessingConfiguration()
    configuration.ignoredResources = [try Pattern("(a+)+$")]
    configuration.rejectedTagPatterns = [try TagPattern("a:(a+)+$")]
    configuration.requiredTagPatterns = [try TagPattern("a:(a|aa)+$")]
    configuration.replaceRules = try Self.rules([("*", "(a+)+$", "x")])
    let processed = try process([trace], configuration)
    #expect(processed.removed == [])
    #expect(processed.span.resource == "?" && processed.span.meta["a"] == "?" && processed.span.meta["b"] == "fine")
    #expect(
      processed.counts.undecided.map { "\($0.step) \($0.rule) \($0.texts)" } == [
        "ignore_resources (a+)+$ 1", "filter_tags_regex_reject a:(a+)+$ 1", "filter_tags_regex_require a:(a|aa)+$ 1",
        "replace_tags *:(a+)+$ 2",
      ])
  }

  @Test func `a pattern that explodes again and again is given up for the rest of the request`() throws {
    let text = String(repeating: "a", count: 4_000) + "b"
    var configuration = ProcessingConfiguration()
    configuration.ignoredResources = [try Pattern("(a+)+$")]
    let traces = (0..<500).map { [TestSpan().resource($0 == 499 ? "aaa" : text)] }
    let processed = try process(traces, configuration)
    // The last is so short that it is looked at.
    #expect(processed.removed.count == 1 && processed.counts.undecided.map(\.texts) == [499])
  }

  @Test func `slow texts of a request do not hide the others`() throws {
    let slow = String(repeating: "a", count: 1_000) + "b"
    let simple = TestSpan().resource("GET /cart").meta("env", "production").meta("version", "1.2.3").metric("n", 5)
    var configuration = ProcessingConfiguration()
    configuration.replaceRules = try Self.rules([("*", "(a+)+$", "x")])
    let processed = try process((0..<20).map { _ in [TestSpan().resource(slow)] } + [[simple]], configuration)
    let seen = try #require(processed.batch.spans.last)
    #expect(seen.resource == "GET /cart" && seen.meta["env"] == "production" && seen.meta["version"] == "1.2.3")
    #expect(seen.metrics["n"] == 5 && processed.counts.undecided.map(\.texts) == [20])
  }

  /// What a batch is after rules have been applied to it.
  private static func applied<Result>(
    _ rules: [(String, String, String)], to trace: [TestSpan], peerTags: [String] = [],
    _ look: (borrowing SpanBatch, _ textsBefore: Int) -> Result
  ) throws -> Result {
    var configuration = ProcessingConfiguration()
    configuration.replaceRules = try Self.rules(rules)
    return try withBatch([trace], keys: KeyTable(peerTags: peerTags)) { batch in
      let before = batch.meta.count
      var processor = Processor(configuration: configuration)
      processor.process(&batch, RequestFacts(nowNs: 0, language: .empty, clientComputedTopLevel: false))
      return look(batch, before)
    }
  }

  @Test func `a span whose numbers become texts is moved once, however many rules do it`() throws {
    let names = (0..<20).map { "number\($0)" }
    let span = names.reduce(TestSpan().meta("a", "b")) { $0.metric($1, 1) }
    let (before, after) = try Self.applied(
      names.map { ($0, "1", "one") }, to: [span, span.with { $0.spanID = 2 }]
    ) { batch, before in (before, batch.meta.count) }
    #expect(after <= 2 * before + 2 * names.count)
  }

  @Test func `a number that is a peer tag and becomes a text is one still`() throws {
    let span = TestSpan().metric("shard", 4).metric("other", 4)
    for (name, isPeerTag) in [("shard", true), ("other", false)] {
      let hasPeerTag = try Self.applied([(name, "4", "four")], to: [span], peerTags: ["shard"]) { batch, _ in
        batch.spans[0].metaKeys.hasPeerTag
      }
      #expect(hasPeerTag == isPeerTag, "\(name)")
    }
  }

  @Test func `without rules there are no such steps`() {
    let names = ProcessingConfiguration().steps.map(\.name)
    #expect(!names.contains("ignore_resources") && !names.contains("replace_tags"))
  }
}

extension TestSpan {
  /// A copy with another resource.
  fileprivate func resource(_ text: String) -> TestSpan { with { $0.resource = text } }
}
