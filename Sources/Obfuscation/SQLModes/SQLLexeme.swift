/// A piece of a statement as the modes of `sql_obfuscation_mode` see it, with its quotes.
struct SQLLexeme {
  enum Kind: UInt8 {
    case end, blank, comment
    /// All that is left of a statement and may hold anything.
    case rest
    case string, number, dollarString, dollarFunction
    case identifier, quotedIdentifier, function
    case positionalParameter, bindParameter, systemVariable
    case operation, wildcard, punctuation, unknown
  }

  var kind: Kind
  var text: TextBytes

  /// `?` is written for it; or it was one already.
  var isPlaceholder = false

  /// Whether it is several names in quotes, joined by points.
  var isQualified: Bool {
    guard kind == .quotedIdentifier, let end = text.firstIndex(of: text[0], from: 1) else { return false }
    return end + 1 < text.count
  }

  @inline(__always) func isOnly(_ byte: UInt8) -> Bool { text.count == 1 && text[0] == byte }
}
