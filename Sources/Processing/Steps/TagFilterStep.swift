import TraceModel

/// Removes traces by the tags of their root: those that have a rejected one, and those that lack a required one. As in
/// Datadog's trace-agent only texts are looked at, and rejecting comes first.
struct TagFilterStep: ProcessingStep {
  /// What is removed is counted under these names, apart for each rule.
  static let (rejected, required) = ("filter_tags_reject", "filter_tags_require")

  let name = "filter_tags"
  private let reject: [(rule: TagRule, reason: RemovalReason)]
  private let require: [(rule: TagRule, reason: RemovalReason)]

  init(require: [TagRule], reject: [TagRule]) {
    self.require = require.map { ($0, RemovalReason(Self.required, .filtered, rule: $0.text)) }
    self.reject = reject.map { ($0, RemovalReason(Self.rejected, .filtered, rule: $0.text)) }
  }

  var removalReasons: [RemovalReason] { reject.map(\.reason) + require.map(\.reason) }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    for (rule, reason) in reject where rule.holds(for: root, in: batch) { return reason }
    for (rule, reason) in require where !rule.holds(for: root, in: batch) { return reason }
    return nil
  }
}
