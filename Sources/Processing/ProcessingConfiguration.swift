import Obfuscation

/// What processing needs to know of the agent.
package struct ProcessingConfiguration: Sendable {
  /// Longest resource in bytes: 5,000, or 15,000 with feature `big_resource`.
  package var resourceBytesMax = 5_000
  /// Feature `component2name`: a span's name is its `component` attribute, where it has one.
  package var usesComponentAsName = false
  /// Traces whose root lacks one of these tags are removed, and those whose root has one of the others.
  package var requiredTags: [TagRule] = []
  package var rejectedTags: [TagRule] = []

  /// What is hidden of the spans' data.
  package var obfuscation = ObfuscationOptions()
  /// Empties the stack traces of errors, which may hold data, too.
  package var removesStackTraces = false

  package init() {}

  /// The steps that this configuration asks for, in the order in which they run.
  ///
  /// The order is that of Datadog's trace-agent (`Agent.Process` in pkg/trace/agent/agent.go). Each place has a reason:
  /// - What removes traces by a rule stands behind `root`, since rules look at the root, and before all else: it sees
  ///   values normalized and not yet rewritten, and what it removes is not counted in statistics and decides nothing.
  /// - What adds tags, then what hides secrets, stands before `truncate`: a cut must not split what is to be hidden.
  /// - What replaces by rules of the user stands behind `truncate`: the rules see what would be sent.
  /// - `top_level` and `payload` stand last: statistics and the intake see what all others have left.
  package var steps: [any ProcessingStep] {
    var steps: [any ProcessingStep] = [NormalizingStep(usesComponentAsName: usesComponentAsName), RootStep()]
    if !requiredTags.isEmpty || !rejectedTags.isEmpty {
      steps.append(TagFilterStep(require: requiredTags, reject: rejectedTags))
    }
    steps += [
      ObfuscatingStep(options: obfuscation, removesStackTraces: removesStackTraces),
      TruncatingStep(resourceBytesMax: resourceBytesMax), ClientRateStep(), TopLevelStep(), PayloadStep(),
    ]
    return steps
  }
}
