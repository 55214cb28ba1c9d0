/// A list in brackets that is no JSON because a shell has taken its quotes: `[a, GET /x{1,3}]` has two entries, for a comma
/// inside brackets, or behind a backslash, is part of an entry.
struct BracketedList {
  private let characters: [Character]
  private var found: [String] = []
  /// What closes the brackets, or ends the quotes, that are open; the innermost last.
  private var closers: [Character] = []

  /// - Parameter text: begins with `[`, blanks aside.
  init(_ text: String) { characters = Array(text) }

  /// The entries, without blanks around them; empty ones left out.
  /// - Throws: where a bracket or a quote is not closed, or quotes stand elsewhere than around an entry.
  mutating func entries() throws(BadValue) -> [String] {
    guard let first = characters.firstIndex(of: "["), let last = characters.lastIndex(where: { !$0.isWhitespace }),
      last > first, characters[last] == "]"
    else { throw BadValue("not a JSON list of texts, such as [\"a\", \"b\"]: its ] is missing") }
    (found, closers) = ([], [])
    var (start, isEscaped, isFirst) = (first + 1, false, true)
    for index in first + 1..<last {
      let character = characters[index]
      if isEscaped {
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == ",", closers.isEmpty {
        try add(start..<index)
        (start, isFirst) = (index + 1, true)
        continue
      } else {
        note(character, isFirst: isFirst)
      }
      if !character.isWhitespace { isFirst = false }
    }
    try add(start..<last)
    return found
  }

  private mutating func note(_ character: Character, isFirst: Bool) {
    if character == closers.last {
      closers.removeLast()
    } else if let closer = closers.last, closer == "\"" || closer == "'" || closer == "]" {
      // In quotes, and among the characters that a pattern lists in brackets, others stand for themselves.
      return
    } else {
      switch character {
      case "[": closers.append("]")
      case "{": closers.append("}")
      case "(": closers.append(")")
      case "\"": closers.append("\"")
      case "'" where isFirst: closers.append("'")
      default: break
      }
    }
  }

  private mutating func add(_ range: Range<Int>) throws(BadValue) {
    guard let first = range.first(where: { !characters[$0].isWhitespace }) else { return }
    var text = Substring(String(characters[first..<range.upperBound]))
    while let last = text.last, last.isWhitespace { text.removeLast() }
    let entry = Self.withoutQuotes(text)
    guard closers.isEmpty, entry != text || !(text.contains("\"") || text.hasPrefix("'")) else {
      throw BadValue(
        "not a JSON list of texts, such as [\"a\", \"b\"]: entry \(found.count + 1), at character \(first + 1): "
          + QuotedText.escaped(String(text)))
    }
    if !entry.isEmpty { found.append(String(entry)) }
  }

  /// The text of a quoted entry, with its escapes read if they are some; else the entry as it is.
  private static func withoutQuotes(_ entry: Substring) -> Substring {
    guard entry.first == "\"" || entry.first == "'", let document = try? YAMLDocument(Array(entry.utf8)),
      case .scalar(let text, isPlain: false)? = document.root?.content
    else { return ListText.withoutQuotes(entry) }
    return text[...]
  }
}
