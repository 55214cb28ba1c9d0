extension Pattern {
  /// Whether the pattern reaches its limits on long texts of one character, as nested repetitions do. One that does not
  /// may be slow on others.
  package var isSlow: Bool {
    var matcher = PatternMatcher()
    return ["a", "A", "0", " ", "/", ".", "-", "_", "a1", "/a", "a ", "é"].contains { unit in
      var text = String(repeating: unit, count: 5_000 / unit.utf8.count) + "\u{1}"
      return text.withUTF8 { bytes in
        matcher.beginRequest()
        return matcher.matches(self, UnsafeRawBufferPointer(bytes)) == nil
      }
    }
  }
}
