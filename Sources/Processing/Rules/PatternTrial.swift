import Patterns

/// A pattern of a rule at work. Once it has come to nothing too often it has only a few steps for each text, for the rest
/// of the request: texts that are short and simple are still decided.
struct PatternTrial: Sendable {
  /// Texts of a request on which the limits may be reached; what explodes on these does so on the others.
  private static let failuresMax = 8

  let pattern: Pattern
  /// Texts of which nothing could be told, since the rule was made.
  private(set) var undecided: UInt64 = 0
  private var failures = 0

  init(_ pattern: Pattern) { self.pattern = pattern }

  /// Gives the pattern another chance, with another request.
  mutating func begin() { failures = 0 }

  private var effort: PatternEffort { failures < Self.failuresMax ? .usual : .little }

  /// Whether the pattern matches a text; `nil` where that takes too long to tell.
  mutating func matches(_ text: UnsafeRawBufferPointer, _ matcher: inout PatternMatcher) -> Bool? {
    let result = matcher.matches(pattern, text, effort: effort)
    if result == nil { noteFailure() }
    return result
  }

  /// Replaces what matches, with the effort that the pattern has left.
  mutating func replace(_ replacing: (Pattern, PatternEffort) -> ReplacingOutcome) -> ReplacingOutcome {
    let outcome = replacing(pattern, effort)
    if outcome == .undecided { noteFailure() }
    return outcome
  }

  private mutating func noteFailure() {
    failures += 1
    undecided &+= 1
  }
}
