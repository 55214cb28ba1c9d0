import Obfuscation
import Patterns

/// What processing needs to know of the agent.
package struct ProcessingConfiguration: Sendable {
  /// Longest resource in bytes: 5,000, or 15,000 with feature `big_resource`.
  package var resourceBytesMax = 5_000
  /// Feature `component2name`: a span's name is its `component` attribute, where it has one.
  package var usesComponentAsName = false
  /// Traces whose root lacks one of these tags are removed, and those whose root has one of the others.
  package var requiredTags: [TagRule] = []
  package var rejectedTags: [TagRule] = []
  /// The same with patterns of the tags' values.
  package var requiredTagPatterns: [TagPattern] = []
  package var rejectedTagPatterns: [TagPattern] = []
  /// Traces whose root's resource one of these matches are removed.
  package var ignoredResources: [Pattern] = []
  /// What is replaced in tags and resources, in this order.
  package var replaceRules: [ReplaceRule] = []

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
  ///   Resources come before tags.
  /// - What adds tags, then what hides secrets, stands before `truncate`: a cut must not split what is to be hidden.
  /// - What replaces by rules of the user stands behind `truncate`: the rules see what would be sent.
  /// - `top_level` and `payload` stand last: statistics and the intake see what all others have left.
  package var steps: [any ProcessingStep] {
    var steps: [any ProcessingStep] = [NormalizingStep(usesComponentAsName: usesComponentAsName), RootStep()]
    if !ignoredResources.isEmpty { steps.append(IgnoringStep(patterns: ignoredResources)) }
    let (require, reject) = (tagRules(requiredTags, requiredTagPatterns), tagRules(rejectedTags, rejectedTagPatterns))
    if !require.isEmpty || !reject.isEmpty { steps.append(TagFilterStep(require: require, reject: reject)) }
    steps += [
      ObfuscatingStep(options: obfuscation, removesStackTraces: removesStackTraces),
      TruncatingStep(resourceBytesMax: resourceBytesMax),
    ]
    if !replaceRules.isEmpty { steps.append(ReplacingStep(rules: replaceRules)) }
    steps += [ClientRateStep(), TopLevelStep(), PayloadStep()] as [any ProcessingStep]
    return steps
  }

  /// Rules without patterns come first, and of a tag that has one, no pattern counts, as in Datadog's trace-agent.
  private func tagRules(_ exact: [TagRule], _ patterns: [TagPattern]) -> [TagRule] {
    let rules = patterns.map(TagRule.init)
    return exact + rules.filter { rule in !exact.contains { $0.hasKey(of: rule) } }
  }
}
