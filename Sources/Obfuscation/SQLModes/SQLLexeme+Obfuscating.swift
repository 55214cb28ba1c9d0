import TraceModel

extension SQLLexeme {
  /// Whether `?` stands for the lexeme.
  /// - Parameter last: the lexeme before it that is no blank.
  func isHidden(_ options: SQLOptions, after last: SQLLexeme?) -> Bool {
    switch kind {
    case .rest: return true
    case .number, .string, .dollarString: return !(options.keepsJSONPath && last?.isJSONOperator == true)
    case .dollarFunction: return !options.obfuscatesDollarQuotedFunctions
    case .positionalParameter: return !options.keepsPositionalParameter
    case .bindParameter: return options.replacesBindParameter
    case .identifier:
      if text.spells("TRUE") || text.spells("FALSE") { return !options.keepsBoolean }
      return !options.keepsNull && text.spells("NULL")
    default: return false
    }
  }

  private static let jsonOperators: [StaticString] = [
    "->", "->>", "#>", "#>>", "@?", "@@", "?|", "?&", "@>", "<@", "#-",
  ]

  private var isJSONOperator: Bool {
    kind == .operation && Self.jsonOperators.contains { text.isEqual(to: $0) }
  }

  /// What stands between the tags of `$func$ … $func$`.
  var functionBody: TextBytes {
    let tag = 6
    return text.part(tag, text.count - tag)
  }
}
