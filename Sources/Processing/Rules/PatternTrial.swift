import Patterns

/// A pattern of a rule at work: it is given up for the rest of a request once it has come to nothing too often.
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

  /// Whether the pattern matches a text; `nil` where that takes too long to tell.
  mutating func matches(_ text: UnsafeRawBufferPointer, _ matcher: inout PatternMatcher) -> Bool? {
    let result = failures < Self.failuresMax ? matcher.matches(pattern, text) : nil
    if result == nil { noteFailure() }
    return result
  }

  /// Replaces what matches, unless the pattern is given up.
  mutating func replace(_ replacing: (Pattern) -> ReplacingOutcome) -> ReplacingOutcome {
    let outcome = failures < Self.failuresMax ? replacing(pattern) : .undecided
    if outcome == .undecided { noteFailure() }
    return outcome
  }

  private mutating func noteFailure() {
    failures += 1
    undecided &+= 1
  }
}
