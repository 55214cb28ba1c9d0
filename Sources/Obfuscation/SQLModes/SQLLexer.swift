/// Cuts a statement into lexemes, blanks and comments with them, so that it can be written again as it was laid out.
///
/// It never fails: what it does not know is a lexeme of one character. Where a string, a quoted name or a comment has no
/// end, what is left of the statement belongs to it.
struct SQLLexer {
  let text: TextBytes
  let dialect: SQLDialect
  /// A backslash in a string is only a backslash; else it escapes what follows.
  let readsBackslashLiterally: Bool
  /// A backslash stood in front of a quote, so that reading it in the other way ends the text elsewhere.
  private(set) var meetsEscapedQuote = false
  /// A string, a quoted name or a comment had no end.
  private(set) var lacksEnd = false
  /// From the first string on, all is one lexeme. A statement in which text and strings may have changed places is read so.
  var endsAtFirstString = false
  private var (lines, brackets) = (SQLApostrophes(), SQLApostrophes())
  private var comments: SQLBlockComments
  private var values: SQLValuePositions
  private var position = 0
  /// The end of a `q'[ … ]'` was looked for in vain: it is not looked for again, and the quote is an ordinary one.
  private var lacksDelimiter = false

  init(_ text: TextBytes, dialect: SQLDialect, readsBackslashLiterally: Bool) {
    self.text = text
    self.dialect = dialect
    self.readsBackslashLiterally = readsBackslashLiterally
    comments = SQLBlockComments(dialect)
    values = SQLValuePositions(text, dialect)
  }

  /// Reads a part of the statement in the same way.
  func reading(_ part: TextBytes) -> SQLLexer {
    SQLLexer(part, dialect: dialect, readsBackslashLiterally: readsBackslashLiterally)
  }

  /// Notes what was met in a part of the statement.
  mutating func note(_ part: SQLLexer) {
    if part.meetsEscapedQuote { meetsEscapedQuote = true }
    if part.mayBeMisread { lacksEnd = true }
  }

  /// Whether what was read may be text where strings are meant, and the other way round: something had no end, or would
  /// be a comment or a name in another dialect.
  var mayBeMisread: Bool { lacksEnd || lines.areOdd || brackets.areOdd }

  mutating func next() -> SQLLexeme {
    let start = position
    var lexeme = read()
    if lexeme.kind == .quotedIdentifier, lexeme.text[0] == UInt8(ascii: "\""), !lexeme.isQualified,
      values.isValue(nextByte: text[position])
    {
      lexeme.kind = .string
    }
    if lexeme.kind != .blank, lexeme.kind != .comment { values.note(lexeme.text) }
    guard endsAtFirstString else { return lexeme }
    switch lexeme.kind {
    case .string, .dollarString, .dollarFunction: break
    case .quotedIdentifier where lexeme.text.firstIndex(of: UInt8(ascii: "'")) != nil: break
    default: return lexeme
    }
    return rest(from: start)
  }

  private mutating func rest(from start: Int) -> SQLLexeme {
    position = text.count
    return lexeme(.rest, from: start)
  }

  private mutating func read() -> SQLLexeme {
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
    case UInt8(ascii: "'"): return string(byte, from: start)
    case UInt8(ascii: "\"") where dialect == .mySQL: return string(byte, from: start)
    case UInt8(ascii: "\""), UInt8(ascii: "`"): return quotedIdentifier(from: start, closing: byte)
    case UInt8(ascii: "["):
      guard dialect == .sqlServer else {
        if dialect.isUnknown { brackets.countInBrackets(text, from: start) }
        return one(.punctuation, from: start)
      }
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
      if CharacterClass.isDigit(byte) || joinsName(byte) {
        // `a/*` and `a//` are not the middle of a name.
        if byte == UInt8(ascii: "/"), !CharacterClass.isASCIILetter(text[position + 1]) { break }
        noteComment(at: position)
        position += 1
      } else if case let length = letterLength(at: position), length > 0 {
        position += length
      } else {
        break
      }
    }
    let length = position - start
    if text[position] == UInt8(ascii: "'"), length <= 2, let string = delimitedString(from: start) { return string }
    if length == 8, let end = SQLLiteral.uuidEnd(text, from: start) {
      position = end
      return lexeme(.number, from: start)
    }
    return lexeme(text[position] == UInt8(ascii: "(") ? .function : .identifier, from: start)
  }

  private func joinsName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "/"): true
    // A comment in MySQL, an operator in PostgreSQL.
    case UInt8(ascii: "#"): dialect != .mySQL && dialect != .postgreSQL
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
    return endless(from: start)
  }

  /// What has no end may hold anything, so it is hidden as a string would be.
  private mutating func endless(from start: Int) -> SQLLexeme {
    lacksEnd = true
    return rest(from: start)
  }

  // MARK: - Values

  private mutating func string(_ quote: UInt8, from start: Int) -> SQLLexeme {
    let readsLiterally = readsBackslashLiterally && !isEscapeString(start)
    var isBehindBackslash = false
    position = start + 1
    while position < text.count {
      let byte = text[position]
      position += 1
      if byte == quote, readsLiterally || !isBehindBackslash {
        if isBehindBackslash { meetsEscapedQuote = true }
        return lexeme(.string, from: start)
      }
      if byte == quote { meetsEscapedQuote = true }
      isBehindBackslash = byte == UInt8(ascii: "\\") && !isBehindBackslash
    }
    return endless(from: start)
  }

  /// Whether the quote at `start` is that of PostgreSQL's `E'…'`, where a backslash escapes in any case.
  private func isEscapeString(_ start: Int) -> Bool {
    guard dialect == .postgreSQL || dialect.isUnknown, text[start - 1] | 0x20 == UInt8(ascii: "e") else {
      return false
    }
    return !isWord(at: start - 2)
  }

  /// Oracle's `q'[ … ]'`; `nil` for a string with anything else in front of it.
  private mutating func delimitedString(from start: Int) -> SQLLexeme? {
    guard SQLLiteral.announcesDelimiter(text.part(start, position)), !lacksDelimiter else { return nil }
    guard let end = SQLLiteral.delimitedEnd(text, from: position) else {
      lacksDelimiter = true
      return dialect == .oracle ? endless(from: start) : nil
    }
    position = end
    return lexeme(.string, from: start)
  }

  private mutating func number(from start: Int) -> SQLLexeme {
    if let end = SQLLiteral.uuidEnd(text, from: start) {
      position = end
      return lexeme(.number, from: start)
    }
    // `1.2.3` is one number here, as the agent has it.
    repeat {
      if text[position] == UInt8(ascii: ".") { position += 1 }
      position = SQLLiteral.numberEnd(text, from: position)
    } while text[position] == UInt8(ascii: ".")
    return lexeme(.number, from: start)
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
    guard let tagEnd = SQLLiteral.tagEnd(text, from: start) else { return one(.unknown, from: start) }
    let tag = text.part(start, tagEnd)
    guard let close = SQLTokenizer.firstIndex(of: tag, in: text, from: tagEnd) else { return endless(from: start) }
    position = close + tag.count
    return lexeme(tag.isEqual(to: "$func$") ? .dollarFunction : .dollarString, from: start)
  }

  // MARK: - Operators and comments

  private mutating func operation(_ byte: UInt8, from start: Int) -> SQLLexeme {
    let ahead = text[start + 1]
    switch byte {
    case UInt8(ascii: "-") where ahead == UInt8(ascii: "-"): return lineComment(from: start)
    case UInt8(ascii: "/") where ahead == UInt8(ascii: "*"): return blockComment(from: start)
    case UInt8(ascii: "/") where ahead == byte && dialect == .snowflake: return lineComment(from: start)
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
    noteComment(at: start)
    while case let byte = text[position], Self.isOperator(byte) {
      if last == UInt8(ascii: "="), byte == UInt8(ascii: "?") || byte == UInt8(ascii: "@") { break }
      let ahead = text[position + 1]
      if byte == UInt8(ascii: "/"), ahead == UInt8(ascii: "*") { break }
      if byte == UInt8(ascii: "-"), ahead == UInt8(ascii: "-") { break }
      if byte == UInt8(ascii: "#"), dialect == .mySQL { break }
      if byte == UInt8(ascii: "/"), ahead == byte, dialect == .snowflake { break }
      noteComment(at: position)
      last = byte
      position += 1
    }
    return lexeme(.operation, from: start)
  }

  /// Notes the apostrophes of what MySQL or Snowflake would take for a comment, where nobody knows whose statement it is.
  private mutating func noteComment(at index: Int) {
    guard dialect.isUnknown else { return }
    let isComment =
      text[index] == UInt8(ascii: "#") || text[index] == UInt8(ascii: "/") && text[index + 1] == text[index]
    if isComment { lines.countInLine(text, from: index) }
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
    guard let end = comments.end(in: text, from: start + 2) else { return endless(from: start) }
    position = end
    return lexeme(.comment, from: start)
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
