import TestSpans
import Testing
import TraceModel

@testable import Processing

@Suite struct TagFilterTests {
  private static func removed(
    _ trace: [TestSpan], require: [String] = [], reject: [String] = []
  ) throws -> (counts: [String], isRemoved: Bool) {
    var configuration = ProcessingConfiguration()
    configuration.requiredTags = require.compactMap(TagRule.init)
    configuration.rejectedTags = reject.compactMap(TagRule.init)
    let processed = try process([trace], configuration)
    let removals = processed.counts.removals.filter { $0.traces > 0 }
    return (
      removals.map { "\($0.reason.name) \($0.reason.rule ?? ""):\($0.traces)/\($0.spans)" },
      processed.batch.chunks[0].removal == .filtered
    )
  }

  @Test(
    arguments: [
      ("outcome:success", true), ("outcome:failure", false), ("outcome", true), ("outcome:", true),
      (" outcome : success ", true), ("url:http://a:1", true), ("url:http", false), ("Outcome:success", false),
      ("env:dev", true), ("env:DEV", false), ("number", false), ("child", false), ("nobody", false), ("empty", true),
      ("twice:second", true), ("twice:first", false),
    ])
  func `a trace is removed for a tag of its root`(rule: String, isRejected: Bool) throws {
    let root = TestSpan().meta("outcome", "success").meta("url", "http://a:1").meta("env", "DEV").meta("empty", "")
      .meta("twice", "first").meta("twice", "second").metric("number", 1)
    let trace = [TestSpan(2, parent: 1).meta("child", "x"), root]
    let rejected = try Self.removed(trace, reject: [rule])
    let written = TagRule(rule)?.text ?? ""
    #expect(rejected.isRemoved == isRejected)
    #expect(rejected.counts == (isRejected ? ["filter_tags_reject \(written):1/2"] : []))
    let required = try Self.removed(trace, require: [rule])
    #expect(required.isRemoved == !isRejected)
    #expect(required.counts == (isRejected ? [] : ["filter_tags_require \(written):1/2"]))
  }

  @Test func `one rejected tag is enough, all required ones have to be there, and rejecting comes first`() throws {
    let trace = [TestSpan().meta("a", "1").meta("b", "2")]
    #expect(try Self.removed(trace, require: ["a", "b:2"], reject: ["c", "a:2"]).counts == [])
    #expect(try Self.removed(trace, require: ["c", "d"], reject: ["x", "b"]).counts == ["filter_tags_reject b:1/1"])
    #expect(try Self.removed(trace, require: ["a", "c", "d"]).counts == ["filter_tags_require c:1/1"])
  }

  @Test(arguments: ["", ":", " : x", "  "])
  func `a rule without a key is none`(text: String) { #expect(TagRule(text) == nil) }

  @Test func `without rules there is no such step`() {
    #expect(ProcessingConfiguration().steps.allSatisfy { $0.name != "filter_tags" })
  }
}
