import Patterns
import TraceModel

/// Removes traces by the tags of their root: those that have a rejected one, and those that lack a required one. As in
/// Datadog's trace-agent only texts are looked at, and rejecting comes first. A rule that cannot be decided removes none.
struct TagFilterStep: ProcessingStep {
  /// What is removed is counted under these names, apart for each rule.
  static let (rejected, required) = ("filter_tags_reject", "filter_tags_require")
  static let (rejectedByPattern, requiredByPattern) = ("filter_tags_regex_reject", "filter_tags_regex_require")

  private struct Entry: Sendable {
    let rule: TagRule
    let reason: RemovalReason
    var trial: PatternTrial?

    init(_ rule: TagRule, _ name: String) {
      self.rule = rule
      reason = RemovalReason(name, .filtered, rule: rule.text)
      trial = rule.pattern.map { PatternTrial($0) }
    }

    mutating func holds(
      for root: SpanRecord, in batch: borrowing SpanBatch, _ matcher: inout PatternMatcher
    ) -> Bool? {
      rule.holds(for: root, in: batch) { trial?.matches($0, &matcher) }
    }
  }

  let name = "filter_tags"
  private var reject: [Entry]
  private var require: [Entry]

  init(require: [TagRule], reject: [TagRule]) {
    self.require = require.map { Entry($0, $0.isFromPatterns ? Self.requiredByPattern : Self.required) }
    self.reject = reject.map { Entry($0, $0.isFromPatterns ? Self.rejectedByPattern : Self.rejected) }
  }

  var removalReasons: [RemovalReason] { reject.map(\.reason) + require.map(\.reason) }
  var undecided: [ProcessingCounts.Undecided] {
    (reject + require).compactMap { entry in
      entry.trial.map {
        ProcessingCounts.Undecided(step: entry.reason.name, rule: entry.rule.text, texts: $0.undecided)
      }
    }
  }

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {
    for index in reject.indices { reject[index].trial?.begin() }
    for index in require.indices { require[index].trial?.begin() }
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    for index in reject.indices where reject[index].holds(for: root, in: batch, &context.patterns) == true {
      return reject[index].reason
    }
    for index in require.indices where require[index].holds(for: root, in: batch, &context.patterns) == false {
      return require[index].reason
    }
    return nil
  }
}
