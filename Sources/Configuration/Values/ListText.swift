/// A list that was written as one text: a line of CSV, words, or what a shell has left of JSON.
enum ListText {
  /// Which characters part the entries.
  enum Separators {
    case commas, blanks, both

    func contains(_ character: Character) -> Bool {
      switch self {
      case .commas: character == ","
      case .blanks: character.isWhitespace
      case .both: character == "," || character.isWhitespace
      }
    }
  }

  /// The entries, without blanks and one pair of quotes around each; empty ones left out.
  ///
  /// - Parameters:
  ///   - separators: part entries, except within quotes that an entry begins with.
  ///   - arePatterns: within brackets, and behind a backslash, nothing parts entries: `a{1,3},[,;]` are two.
  static func entries(of text: String, at separators: Separators, arePatterns: Bool = false) -> [String] {
    let whole = parts(of: text, at: separators, keepsBrackets: arePatterns)
    // Brackets that do not close say nothing of where an entry ends.
    let parts = whole ?? parts(of: text, at: separators, keepsBrackets: false) ?? []
    return parts.map { part in
      var part = trimmed(part)
      // Where blanks part entries, commas may stand behind them as well.
      while separators == .blanks, part.last == "," { part.removeLast() }
      return String(withoutQuotes(part))
    }.filter { !$0.isEmpty }
  }

  /// Nil when brackets are to be kept and do not close.
  private static func parts(of text: String, at separators: Separators, keepsBrackets: Bool) -> [Substring]? {
    var parts: [Substring] = []
    var (start, at) = (text.startIndex, text.startIndex)
    var (depth, isEscaped) = (0, false)
    while at < text.endIndex {
      if let end = endOfQuotes(text, from: start, at: at, separators) {
        at = end
        continue
      }
      let character = text[at]
      if isEscaped {
        isEscaped = false
      } else if keepsBrackets, character == "\\" {
        isEscaped = true
      } else if keepsBrackets, "([{".contains(character) {
        depth += 1
      } else if keepsBrackets, ")]}".contains(character) {
        depth = max(0, depth - 1)
      } else if depth == 0, separators.contains(character) {
        parts.append(text[start..<at])
        start = text.index(after: at)
      }
      at = text.index(after: at)
    }
    guard depth == 0 else { return nil }
    return parts + [text[start...]]
  }

  /// Where the quotes end that an entry begins with, if it does: at a quote that a separator or nothing follows.
  private static func endOfQuotes(
    _ text: String, from start: String.Index, at: String.Index, _ separators: Separators
  ) -> String.Index? {
    let quote = text[at]
    guard quote == "\"" || quote == "'", text[start..<at].allSatisfy(\.isWhitespace) else { return nil }
    var end = text.index(after: at)
    while let found = text[end...].firstIndex(of: quote) {
      end = text.index(after: found)
      let rest = text[end...].drop { $0.isWhitespace && !separators.contains($0) }
      guard let next = rest.first else { return text.endIndex }
      if separators.contains(next) || next == "," { return end }
    }
    return nil
  }

  static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }

  /// The text between two quotes of one kind, when there are no more of them; else the text as it is.
  static func withoutQuotes(_ text: Substring) -> Substring {
    guard let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote else { return text }
    let inner = text.dropFirst().dropLast()
    // `'["a"]'` has others inside, `"a" "b"` is two texts.
    return inner.contains(quote) ? text : inner
  }
}
