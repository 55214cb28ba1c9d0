extension Pattern {
  /// What texts are made of on which patterns take long: runs that a repetition can take in several ways.
  private static let units = [
    "a", "A", "0", " ", "/", ".", "-", "_", ",", "%20", "a1", "/a", "a ", ", ", "a.", "a-", "é",
  ]

  /// Whether the steps that the pattern takes grow faster than the text does, on some texts of a few characters again and
  /// again, as nested repetitions do. A pattern that is not slow on these may be on others.
  package var isSlow: Bool {
    var matcher = PatternMatcher()
    // A match needs the characters of the pattern that are no signs; without them PCRE2 does not even look for one.
    for ending in ["\u{1}", "\u{1}" + text] {
      for unit in Self.units {
        guard let short = steps(1_000, of: unit, ending, &matcher), let long = steps(4_000, of: unit, ending, &matcher)
        else { return true }
        // Four times as many are in proportion; the rest is for the ending.
        if long > 6 * short + 2_000 { return true }
      }
    }
    return false
  }

  /// The steps for a text of so many bytes; `nil` where it reaches its limits.
  private func steps(_ bytes: Int, of unit: String, _ ending: String, _ matcher: inout PatternMatcher) -> Int? {
    var text = String(repeating: unit, count: bytes / unit.utf8.count) + ending
    matcher.beginRequest()
    let before = matcher.requestStepsLeft
    let result = text.withUTF8 { matcher.matches(self, UnsafeRawBufferPointer($0)) }
    return result == nil ? nil : before - matcher.requestStepsLeft
  }
}
