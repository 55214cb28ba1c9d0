extension OptionSlot {
  /// The texts of a YAML list, of a JSON list in a text, or of a text taken apart; empty ones left out.
  static func list(_ node: YAMLNode, _ separator: Separator) throws(BadValue) -> [String] {
    switch node.content {
    case .mapping: throw BadValue("a list is expected here")
    case .sequence(let nodes): return try texts(nodes)
    case .scalar(let quoted, _):
      // Files of variables for containers are no shell's: quotes that stand in them arrive.
      let text = String(withoutQuotes(quoted[...]))
      if text.drop(while: \.isWhitespace).first == "[" { return try jsonList(text) }
      return split(text, separator)
    }
  }

  private static func texts(_ nodes: [YAMLNode]) throws(BadValue) -> [String] {
    var texts: [String] = []
    for node in nodes where !node.isNull {
      guard case .scalar(let text, _) = node.content else { throw BadValue("a list of single values is expected here") }
      if !text.isEmpty { texts.append(text) }
    }
    return texts
  }

  /// JSON is YAML as far as a list of texts goes, so the parser at hand reads it. What is left of JSON when a shell has
  /// taken its quotes may be no YAML, or other than texts; it is taken apart at its commas.
  private static func jsonList(_ text: String) throws(BadValue) -> [String] {
    if let document = try? YAMLDocument(Array(text.utf8)), let root = document.root,
      case .sequence(let nodes) = root.content, let found = try? texts(nodes)
    {
      return found
    }
    var list = BracketedList(text)
    return try list.entries()
  }

  private static func split(_ text: String, _ separator: Separator) -> [String] {
    let isAtCommas =
      switch separator {
      case .spaces: !text.contains(where: \.isWhitespace)
      case .commas: text.contains(",")
      case .either: true
      }
    return parts(of: text, atCommas: isAtCommas, atSpaces: separator == .either || !isAtCommas)
  }

  private static func parts(of text: String, atCommas: Bool, atSpaces: Bool) -> [String] {
    text.split { ($0 == "," && atCommas) || ($0.isWhitespace && atSpaces) }
      .map { part in
        var part = part.drop(while: \.isWhitespace)
        while let last = part.last, last.isWhitespace || last == "," { part.removeLast() }
        return String(withoutQuotes(part))
      }
      .filter { !$0.isEmpty }
  }

  /// The text between two quotes of one kind, when there are no more of them; else the text as it is.
  static func withoutQuotes(_ text: Substring) -> Substring {
    guard let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote else { return text }
    let inner = text.dropFirst().dropLast()
    // `'["a"]'` has others inside, `"a" "b"` is two texts.
    return inner.contains(quote) ? text : inner
  }
}
