/// Cuts a statement into lexemes, blanks and comments with them, so that it can be written again as it was laid out.
///
/// It never fails: what it does not know is a lexeme of one character. Where a string, a quoted name or a comment has no
/// end, what is left of the statement belongs to it.
struct SQLLexer {
  let text: TextBytes
  let dialect: SQLDialect
  private var position = 0
  /// Times that a `$tag$` was looked for to the end of the statement in vain.
  private var missingTags = 0
  /// Past this no more tags are looked for, so that a statement of nothing else takes time in proportion to its length.
  private static let missingTagsMax = 16

  init(_ text: TextBytes, dialect: SQLDialect) {
    self.text = text
    self.dialect = dialect
  }

  mutating func next() -> SQLLexeme {
    guard position < text.count else { return lexeme(.end, from: position) }
    let start = position
    let byte = text[start]
    if Self.isBlank(byte) {
      while position < text.count, Self.isBlank(text[position]) { position += 1 }
      return lexeme(.blank, from: start)
    }
    if letterLength(at: start) > 0 { return identifier(from: start) }
    if CharacterClass.isDigit(byte) { return number(from: start) }
    switch byte {
    case UInt8(ascii: "'"): return string(from: start)
    case UInt8(ascii: "\""), UInt8(ascii: "`"): return quotedIdentifier(from: start, closing: byte)
    case UInt8(ascii: "["):
      guard dialect == .sqlServer else { return one(.punctuation, from: start) }
      return quotedIdentifier(from: start, closing: UInt8(ascii: "]"))
    case UInt8(ascii: "$"): return dollar(from: start)
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "."),
      UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
      return one(.punctuation, from: start)
    default: return operation(byte, from: start)
    }
  }

  // MARK: - Names

  private func letterLength(at index: Int) -> Int {
    CharacterClass.isASCIILetter(text[index]) ? 1 : CharacterClass.letterLength(text, at: index)
  }

  private mutating func identifier(from start: Int) -> SQLLexeme {
    position = start + max(1, letterLength(at: start))
    while position < text.count {
      let byte = text[position]
      if CharacterClass.isDigit(byte) || Self.joinsName(byte) {
        // `a/*` and `a//` are not the middle of a name.
        if byte == UInt8(ascii: "/"), !CharacterClass.isASCIILetter(text[position + 1]) { break }
        position += 1
      } else if case let length = letterLength(at: position), length > 0 {
        position += length
      } else {
        break
      }
    }
    return lexeme(text[position] == UInt8(ascii: "(") ? .function : .identifier, from: start)
  }

  private static func joinsName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "#"), UInt8(ascii: "/"): true
    default: false
    }
  }

  /// A name in quotes, and those that it qualifies: `"a"."b"` is one.
  private mutating func quotedIdentifier(from start: Int, closing: UInt8) -> SQLLexeme {
    let opening = text[start]
    position = start + 1
    while let end = text.firstIndex(of: closing, from: position) {
      if text[end + 1] == UInt8(ascii: "."), text[end + 2] == opening {
        position = end + 3
      } else {
        position = end + 1
        return lexeme(.quotedIdentifier, from: start)
      }
    }
    // Without its end it may hold anything, so it is hidden as a string would be.
    position = text.count
    return lexeme(.string, from: start)
  }

  // MARK: - Values

  private mutating func string(from start: Int) -> SQLLexeme {
    position = start + 1
    while position < text.count {
      let byte = text[position]
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "'") { break }
    }
    position = min(position, text.count)
    return lexeme(.string, from: start)
  }

  private mutating func number(from start: Int) -> SQLLexeme {
    if text[position] == 0x30, text[position + 1] | 0x20 == UInt8(ascii: "x") {
      position += 2
      while CharacterClass.isHexadecimal(text[position]) { position += 1 }
      return lexeme(.number, from: start)
    }
    while true {
      let byte = text[position]
      if CharacterClass.isDigit(byte) || byte == UInt8(ascii: ".") {
        position += 1
      } else if byte | 0x20 == UInt8(ascii: "e"), position > start {
        position += Self.isSign(text[position + 1]) ? 2 : 1
      } else {
        return lexeme(.number, from: start)
      }
    }
  }

  private mutating func dollar(from start: Int) -> SQLLexeme {
    let ahead = text[start + 1]
    if CharacterClass.isDigit(ahead) {
      position = start + 1
      while CharacterClass.isDigit(text[position]) { position += 1 }
      return lexeme(.positionalParameter, from: start)
    }
    if ahead == UInt8(ascii: "?") {
      position = start + 2
      return lexeme(.operation, from: start)
    }
    if dialect == .sqlServer, letterLength(at: start + 1) > 0 { return identifier(from: start) }
    guard missingTags < Self.missingTagsMax,
      let tagEnd = text.firstIndex(of: UInt8(ascii: "$"), from: start + 1),
      case let tag = text.part(start, tagEnd + 1),
      let close = SQLTokenizer.firstIndex(of: tag, in: text, from: tagEnd + 1)
    else {
      missingTags += 1
      return one(.unknown, from: start)
    }
    position = close + tag.count
    return lexeme(tag.isEqual(to: "$func$") ? .dollarFunction : .dollarString, from: start)
  }

  // MARK: - Operators and comments

  private mutating func operation(_ byte: UInt8, from start: Int) -> SQLLexeme {
    let ahead = text[start + 1]
    switch byte {
    case UInt8(ascii: "-") where ahead == UInt8(ascii: "-"): return lineComment(from: start)
    case UInt8(ascii: "/") where ahead == UInt8(ascii: "*"): return blockComment(from: start)
    case UInt8(ascii: "#") where dialect == .mySQL: return lineComment(from: start)
    case UInt8(ascii: "#") where dialect == .sqlServer: return identifier(from: start)
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard CharacterClass.isDigit(ahead) || ahead == UInt8(ascii: ".") else { return run(from: start) }
      position = start + 1
      return number(from: start)
    case UInt8(ascii: "*"): return one(.wildcard, from: start)
    case UInt8(ascii: ":") where dialect == .oracle && isWord(at: start + 1): return parameter(from: start)
    case UInt8(ascii: "@") where isWord(at: start + 1):
      return dialect == .snowflake ? identifier(from: start) : parameter(from: start)
    case UInt8(ascii: "@") where ahead == UInt8(ascii: "@"):
      position = start + 2
      while isWord(at: position) { position += max(1, letterLength(at: position)) }
      return lexeme(position == start + 2 ? .operation : .systemVariable, from: start)
    default:
      if Self.isOperator(byte) { return run(from: start) }
      position = start + max(1, text.scalar(at: start)?.length ?? 1)
      return lexeme(.unknown, from: start)
    }
  }

  /// A run of characters that make up operators. `=?` is two, and a comment ends it.
  private mutating func run(from start: Int) -> SQLLexeme {
    position = start + 1
    var last = text[start]
    while case let byte = text[position], Self.isOperator(byte) {
      if last == UInt8(ascii: "="), byte == UInt8(ascii: "?") || byte == UInt8(ascii: "@") { break }
      let ahead = text[position + 1]
      if byte == UInt8(ascii: "/"), ahead == UInt8(ascii: "*") { break }
      if byte == UInt8(ascii: "-"), ahead == UInt8(ascii: "-") { break }
      last = byte
      position += 1
    }
    return lexeme(.operation, from: start)
  }

  private mutating func parameter(from start: Int) -> SQLLexeme {
    position = start + 1
    while isWord(at: position) { position += max(1, letterLength(at: position)) }
    return lexeme(.bindParameter, from: start)
  }

  private func isWord(at index: Int) -> Bool {
    CharacterClass.isDigit(text[index]) || letterLength(at: index) > 0
  }

  private mutating func lineComment(from start: Int) -> SQLLexeme {
    position = text.firstIndex(of: 0x0A, from: start) ?? text.count
    return lexeme(.comment, from: start)
  }

  private mutating func blockComment(from start: Int) -> SQLLexeme {
    position = start + 2
    while position < text.count {
      if text[position] == UInt8(ascii: "*"), text[position + 1] == UInt8(ascii: "/") {
        position += 2
        return lexeme(.comment, from: start)
      }
      position += 1
    }
    return lexeme(.string, from: start)
  }

  private mutating func one(_ kind: SQLLexeme.Kind, from start: Int) -> SQLLexeme {
    position = start + 1
    return lexeme(kind, from: start)
  }

  private func lexeme(_ kind: SQLLexeme.Kind, from start: Int) -> SQLLexeme {
    SQLLexeme(kind: kind, text: text.part(start, position))
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }

  private static func isOperator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "="),
      UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "!"), UInt8(ascii: "&"), UInt8(ascii: "|"),
      UInt8(ascii: "^"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: "?"), UInt8(ascii: "@"),
      UInt8(ascii: ":"), UInt8(ascii: "#"):
      true
    default: false
    }
  }
}
