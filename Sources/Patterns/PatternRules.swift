/// A rule of `replace_tags`: whatever a pattern matches in the values of a tag is replaced.
package struct ReplaceRule: Sendable, Equatable {
  /// The tag; `*` for all, `resource.name` for the resource.
  package let name: String
  package let pattern: Pattern
  package let replacement: Replacement

  /// A rule whose replacement may name groups of its pattern.
  package init(name: String, pattern: Pattern, replacement: String) {
    self.name = name
    self.pattern = pattern
    self.replacement = Replacement(replacement, for: pattern)
  }
}

/// An entry of `filter_tags_regex`: a tag, and what its value has to match.
package struct TagPattern: Sendable, Equatable {
  /// The tag's name, as spans have it.
  package let key: String
  /// `nil` where any value will do.
  package let pattern: Pattern?

  /// - Parameter text: `key` or `key:pattern`; blanks around either are left out.
  package init(_ text: String) throws(PatternError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
    guard let key = parts.first, !key.isEmpty else {
      throw PatternError(message: "names no tag; write key:pattern", character: nil)
    }
    self.key = key
    guard parts.count > 1, !parts[1].isEmpty else {
      pattern = nil
      return
    }
    do {
      pattern = try Pattern(parts[1])
    } catch {
      // Counted from the beginning of the entry, which is what people see.
      let before = text.prefix { $0 != ":" }.count + 1
      let blanks = text.dropFirst(before).prefix { $0.isWhitespace }.count
      throw PatternError(message: error.message, character: error.character.map { $0 + before + blanks })
    }
  }

  /// The entry as it is written.
  package var text: String { pattern.map { "\(key):\($0.text)" } ?? key }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
