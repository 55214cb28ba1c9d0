import Patterns

/// An entry of a list, with the line of the file on which it stands.
struct ListEntry {
  let text: String
  /// Nil where the whole list is one text, whose place is known.
  let line: Int?
}

extension OptionSlot {
  /// The texts of a YAML list, of a JSON list in a text, or of a text taken apart; empty ones left out.
  static func list(_ node: YAMLNode, _ separator: Separator) throws(BadValue) -> [String] {
    try entries(node, separator).map(\.text)
  }

  /// The same with the places of the entries.
  static func entries(_ node: YAMLNode, _ separator: Separator) throws(BadValue) -> [ListEntry] {
    switch node.content {
    case .mapping: throw BadValue("a list is expected here")
    case .sequence(let nodes): return try entries(of: nodes)
    case .scalar(let quoted, _):
      // Files of variables for containers are no shell's: quotes that stand in them arrive.
      let text = String(ListText.withoutQuotes(quoted[...]))
      let found = isJSON(text, separator) ? try jsonList(text) : split(text, separator)
      return found.map { ListEntry(text: $0, line: nil) }
    }
  }

  private static func entries(of nodes: [YAMLNode]) throws(BadValue) -> [ListEntry] {
    var entries: [ListEntry] = []
    for node in nodes where !node.isNull {
      guard case .scalar(let text, _) = node.content else { throw BadValue("a list of single values is expected here") }
      if !text.isEmpty { entries.append(ListEntry(text: text, line: node.line)) }
    }
    return entries
  }

  /// A pattern may begin with a bracket as well: around a list stands one that closes at the end.
  private static func isJSON(_ text: String, _ separator: Separator) -> Bool {
    let text = ListText.trimmed(text[...])
    guard text.first == "[", separator.isOfPatterns else { return text.first == "[" }
    let inner = ListText.trimmed(text.dropFirst())
    // Within quotes brackets need not close.
    if let first = inner.first, "\"'".contains(first) { return text.last == "]" }
    var (depth, isEscaped) = (0, false)
    for index in text.indices {
      switch text[index] {
      case _ where isEscaped: isEscaped = false
      case "\\": isEscaped = true
      case "[": depth += 1
      case "]": depth -= 1
      default: break
      }
      if depth == 0 { return text.index(after: index) == text.endIndex }
    }
    return false
  }

  /// JSON is YAML as far as a list of texts goes, so the parser at hand reads it. Where an entry has no quotes, because a
  /// shell has taken them, its characters are none of YAML's, and brackets and backslashes are the entry's own.
  private static func jsonList(_ text: String) throws(BadValue) -> [String] {
    if let document = try? YAMLDocument(Array(text.utf8)), let root = document.root,
      case .sequence(let all) = root.content
    {
      let nodes = all.filter { !$0.isNull }
      let quoted = nodes.compactMap { node in
        if case .scalar(let text, isPlain: false) = node.content { text } else { nil as String? }
      }
      if quoted.count == nodes.count { return quoted.filter { !$0.isEmpty } }
    }
    var list = BracketedList(text)
    return try list.entries()
  }

  private static func split(_ text: String, _ separator: Separator) -> [String] {
    let separators: ListText.Separators =
      switch separator {
      case .spaces, .patternsAtSpaces: text.contains(where: \.isWhitespace) ? .blanks : .commas
      case .commas: text.contains(",") ? .commas : .blanks
      case .patternsAtCommas: .commas
      case .either: .both
      }
    return ListText.entries(of: text, at: separators, arePatterns: separator.isOfPatterns)
  }
}
