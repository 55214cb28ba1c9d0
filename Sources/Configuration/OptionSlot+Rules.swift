import Patterns

/// Lists of rules: each entry is checked, and what is wrong with any of them is said.
extension OptionSlot {
  /// Patterns of resources, compiled in the order of the list.
  static func patterns(_ node: YAMLNode) throws(BadValue) -> [Pattern] {
    try rules(entries(node, .patternsAtCommas)) { text throws(PatternError) in try Pattern(text) }
  }

  /// Tags with patterns of their values, compiled.
  static func tagPatterns(_ node: YAMLNode) throws(BadValue) -> [TagPattern] {
    try rules(entries(node, .patternsAtSpaces)) { text throws(PatternError) in try TagPattern(text) }
  }

  /// `key:value` or `key`, each with a key.
  static func tags(_ node: YAMLNode, _ separator: Separator) throws(BadValue) -> [String] {
    try rules(entries(node, separator)) { text throws(PatternError) in
      guard !ListText.trimmed(text.prefix { $0 != ":" }).isEmpty else {
        throw PatternError(message: "names no tag; write key:value or key", character: nil)
      }
      return text
    }
  }

  private static func rules<Rule>(
    _ entries: [ListEntry], _ make: (String) throws(PatternError) -> Rule
  ) throws(BadValue) -> [Rule] {
    var rules: [Rule] = []
    var faults: [BadValue] = []
    for (index, entry) in entries.enumerated() {
      do throws(PatternError) {
        rules.append(try make(entry.text))
      } catch {
        faults.append(BadValue("entry \(index + 1), \(QuotedText.quoted(entry.text)): \(error)", line: entry.line))
      }
    }
    if let fault = BadValue(faults) { throw fault }
    return rules
  }

  /// Rules of `replace_tags`: a list of mappings with `name`, `pattern` and `repl`, in a text as JSON.
  static func replaceRules(_ node: YAMLNode) throws(BadValue) -> [ReplaceRule] {
    let shape = "a list of rules is expected, each with name, pattern and repl"
    var list = node
    var isInText = false
    if case .scalar(let text, _) = node.content {
      let json = String(ListText.withoutQuotes(text[...]))
      guard let document = try? YAMLDocument(Array(json.utf8)), let root = document.root else { throw BadValue(shape) }
      (list, isInText) = (root, true)
    }
    guard case .sequence(let nodes) = list.content else { throw BadValue(shape) }
    var rules: [ReplaceRule] = []
    var faults: [BadValue] = []
    for (index, node) in nodes.enumerated() where !node.isNull {
      do throws(BadValue) {
        rules.append(try replaceRule(node))
      } catch {
        faults.append(BadValue("rule \(index + 1): \(error.message)", line: isInText ? nil : node.line))
      }
    }
    if let fault = BadValue(faults) { throw fault }
    return rules
  }

  private static func replaceRule(_ node: YAMLNode) throws(BadValue) -> ReplaceRule {
    guard case .mapping = node.content else { throw BadValue("name, pattern and repl are expected") }
    guard let name = try member("name", of: node), !name.isEmpty else { throw BadValue("name is missing") }
    guard let text = try member("pattern", of: node), !text.isEmpty else { throw BadValue("pattern is missing") }
    let pattern: Pattern
    do {
      pattern = try Pattern(text)
    } catch {
      throw BadValue("pattern \(QuotedText.quoted(text)): \(error)")
    }
    return ReplaceRule(name: name, pattern: pattern, replacement: try member("repl", of: node) ?? "")
  }

  private static func member(_ name: String, of node: YAMLNode) throws(BadValue) -> String? {
    guard let entry = node.entry(at: [name]), !entry.value.isNull else { return nil }
    guard case .scalar(let text, _) = entry.value.content else { throw BadValue("\(name) is not a text") }
    return text
  }
}
