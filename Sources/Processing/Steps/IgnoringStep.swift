import Patterns
import TraceModel

/// Removes traces whose root's resource a pattern matches. One of which that cannot be told stays.
struct IgnoringStep: ProcessingStep {
  /// What is removed is counted under this name, apart for each pattern.
  static let ignored = "ignore_resources"

  let name = Self.ignored
  var worksOnStatistics: Bool { true }
  private var rules: [(trial: PatternTrial, reason: RemovalReason)]

  init(patterns: [Pattern]) {
    rules = patterns.map { (PatternTrial($0), RemovalReason(Self.ignored, .filtered, rule: $0.text)) }
  }

  var removalReasons: [RemovalReason] { rules.map(\.reason) }
  var undecided: [ProcessingCounts.Undecided] {
    rules.map { ProcessingCounts.Undecided(step: name, rule: $0.trial.pattern.text, texts: $0.trial.undecided) }
  }

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {
    for index in rules.indices { rules[index].trial.begin() }
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let resource = batch.bytes(batch.spans[Int(batch.chunks[chunk].root)].resource)
    for index in rules.indices where rules[index].trial.matches(resource, &context.patterns) == true {
      return rules[index].reason
    }
    return nil
  }
}
