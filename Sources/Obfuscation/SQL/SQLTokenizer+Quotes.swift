extension SQLTokenizer {
  /// A text up to `quote`, which may be written twice within it or escaped; the opening quote has been read.
  mutating func quoted(_ quote: UInt8, _ kind: SQLTokenKind, from start: Int) -> SQLToken {
    var result = SQLToken(kind: kind, start: position, end: position)
    var isBlank = true
    let readsLiterally = readsBackslashLiterally && !(kind == .string && isEscapeString(start))
    var isBehindBackslash = false
    while position < text.count {
      let byte = text[position]
      if byte == quote {
        if isBehindBackslash { meetsEscapedQuote = true }
        isBehindBackslash = false
        guard text[position &+ 1] == quote else {
          result.end = position
          position &+= 1
          if isBlank { result.emptyQuote = quote }
          return result
        }
        position &+= 2
        result.unescaping = quote
        isBlank = false
      } else if byte == UInt8(ascii: "\\") {
        isBlank = false
        if readsLiterally {
          isBehindBackslash.toggle()
          position &+= 1
        } else {
          if text[position &+ 1] == quote { meetsEscapedQuote = true }
          result.unescaping = quote
          position &+= 2
        }
      } else {
        if isBlank, !CharacterClass.isASCIISpace(byte) { isBlank = false }
        isBehindBackslash = false
        position &+= 1
      }
    }
    return error(start)
  }

  /// Whether the quote at `start` is that of PostgreSQL's `E'…'`, where a backslash escapes in any case.
  private func isEscapeString(_ start: Int) -> Bool {
    guard dialect == .postgreSQL || dialect.isUnknown, text[start &- 1] | 0x20 == UInt8(ascii: "e") else {
      return false
    }
    let before = text[start &- 2]
    return !CharacterClass.isASCIILetter(before) && !CharacterClass.isDigit(before)
  }

  /// `$1`, `$?`, `$tag$ … $tag$`, and the names with `$` of SQL Server.
  mutating func dollar(from start: Int) -> SQLToken {
    if CharacterClass.isDigit(ahead) { return number(from: start, kind: .positionalParameter) }
    if ahead == UInt8(ascii: "?") { return token(.positionalParameter, start, taking: 1) }
    if dialect == .sqlServer, CharacterClass.isASCIILetter(ahead) { return identifier(from: start) }
    guard let tagEnd = text.firstIndex(of: UInt8(ascii: "$"), from: position) else { return error(start) }
    let tag = text.part(start, tagEnd &+ 1)
    let contentStart = tagEnd &+ 1
    guard let close = Self.firstIndex(of: tag, in: text, from: contentStart) else { return error(start) }
    position = close &+ tag.count
    let kind: SQLTokenKind = tag.isEqual(to: "$func$") ? .dollarFunction : .dollarQuoted
    return SQLToken(kind: kind, start: contentStart, end: close)
  }

  /// Where `tag` stands again. It holds `$` at its ends only, so a byte that does not fit can at most begin it anew, and
  /// one pass is enough.
  static func firstIndex(of tag: TextBytes, in text: TextBytes, from start: Int) -> Int? {
    var matched = 0
    var index = start
    while index < text.count {
      if text[index] == tag[matched] {
        matched &+= 1
        if matched == tag.count { return index &+ 1 &- matched }
      } else {
        matched = text[index] == tag[0] ? 1 : 0
      }
      index &+= 1
    }
    return nil
  }
}
