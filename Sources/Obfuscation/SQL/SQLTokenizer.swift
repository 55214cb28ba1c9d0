/// Cuts a statement into tokens, in one pass and without copies, by the rules of the Datadog agent's own tokenizer.
///
/// It reads the SQL of any database a little, and none in full: what matters is where literals begin and end.
struct SQLTokenizer {
  let text: TextBytes
  let dialect: SQLDialect
  /// A backslash in a string is only a backslash, as standard SQL has it; else it escapes what follows, as in MySQL.
  let readsBackslashLiterally: Bool
  /// A backslash stood in front of a quote, so that reading it in the other way ends the text elsewhere.
  var meetsEscapedQuote = false
  var comments: SQLBlockComments
  private var (brackets, hashes) = (SQLApostrophes(), SQLApostrophes())
  /// The end of a `q'[ … ]'` was looked for in vain: it is not looked for again, and the quote is an ordinary one.
  private var lacksDelimiter = false
  /// The offset of the next byte to read.
  var position = 0
  /// Open `[` of array elements and slices.
  private(set) var openBrackets = 0
  /// Open `{` of a JDBC call that is the whole statement.
  private var openBraces = 0

  init(_ text: TextBytes, dialect: SQLDialect, readsBackslashLiterally: Bool) {
    self.text = text
    self.dialect = dialect
    self.readsBackslashLiterally = readsBackslashLiterally
    comments = SQLBlockComments(dialect)
  }

  /// The next byte to be read; 0 at the end.
  @inline(__always) var ahead: UInt8 { text[position] }

  /// - Parameter last: what the token before this one has become.
  @inline(__always) mutating func next(after last: SQLTokenKind) -> SQLToken {
    skipBlanks()
    guard position < text.count else { return SQLToken(kind: .end, start: position, end: position) }
    let start = position
    let byte = text[start]
    if CharacterClass.isASCIILetter(byte) { return identifier(from: start) }
    if CharacterClass.isDigit(byte) { return number(from: start) }
    if byte >= 0x80 {
      guard CharacterClass.letterLength(text, at: start) > 0 else { return error(start) }
      return identifier(from: start)
    }
    position &+= 1
    return symbol(byte, from: start, after: last)
  }

  @inline(__always) private mutating func skipBlanks() {
    while position < text.count {
      let byte = text[position]
      if byte == 0x20 || byte &- 9 < 5 || byte == 0 {
        position &+= 1
      } else if byte >= 0x80, case let length = CharacterClass.spaceLength(text, at: position), length > 0 {
        position &+= length
      } else {
        return
      }
    }
  }

  @inline(__always) func token(_ kind: SQLTokenKind, _ start: Int) -> SQLToken {
    SQLToken(kind: kind, start: start, end: position)
  }

  /// A token that ends `length` bytes behind what has been read.
  @inline(__always) mutating func token(_ kind: SQLTokenKind, _ start: Int, taking length: Int) -> SQLToken {
    position &+= length
    return SQLToken(kind: kind, start: start, end: position)
  }

  func error(_ start: Int) -> SQLToken { SQLToken(kind: .error, start: start, end: start) }

  /// A name, its qualifiers with it, or a keyword.
  @inline(__always) mutating func identifier(from start: Int) -> SQLToken {
    position = start
    while position < text.count {
      let byte = text[position]
      if continuesName(byte) {
        position &+= 1
      } else if byte >= 0x80, case let length = CharacterClass.letterLength(text, at: position), length > 0 {
        position &+= length
      } else if byte == UInt8(ascii: "#"), dialect.isUnknown {
        // A part of the name, unless it begins a comment of MySQL that holds an apostrophe: neither can be told.
        hashes.countInLine(text, from: position)
        if hashes.areOdd { return error(start) }
        position &+= 1
      } else {
        break
      }
    }
    let length = position &- start
    if ahead == UInt8(ascii: "'"), length <= 2, let token = prefixedString(from: start) { return token }
    if ahead == UInt8(ascii: "-"), length == 8, let end = SQLLiteral.uuidEnd(text, from: start) {
      position = end
      return token(.number, start)
    }
    return token(SQLKeyword.kind(of: text.part(start, position)), start)
  }

  @inline(__always) private func continuesName(_ byte: UInt8) -> Bool {
    if CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "@"): return true
    case UInt8(ascii: "*"):
      // The agent takes `a*b` for a name; `a*2` holds a literal.
      return !Self.beginsNumber(text[position &+ 1], text[position &+ 2])
    case UInt8(ascii: "#"):
      // A comment in MySQL, an operator in PostgreSQL.
      return dialect != .mySQL && dialect != .postgreSQL && !dialect.isUnknown
    default: return false
    }
  }

  private static func beginsNumber(_ byte: UInt8, _ ahead: UInt8) -> Bool {
    if CharacterClass.isDigit(byte) { return true }
    return (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
      && CharacterClass.isDigit(ahead)
  }

  /// `X'1f'` and `q'[ … ]'` as a whole, letters too; `nil` for a string with anything else in front of it.
  private mutating func prefixedString(from start: Int) -> SQLToken? {
    let word = text.part(start, position)
    if word.spells("X") {
      position &+= 1
      return quoted(UInt8(ascii: "'"), .string, from: start)
    }
    guard SQLLiteral.announcesDelimiter(word), !lacksDelimiter else { return nil }
    guard let end = SQLLiteral.delimitedEnd(text, from: position) else {
      lacksDelimiter = true
      return dialect == .oracle ? error(start) : nil
    }
    position = end
    return token(.string, start)
  }

  /// A number, from its first digit or the point before it on; or a UUID that begins like one.
  mutating func number(from start: Int, kind: SQLTokenKind = .number) -> SQLToken {
    position = SQLLiteral.uuidEnd(text, from: position) ?? SQLLiteral.numberEnd(text, from: position)
    return token(kind, start)
  }

  mutating func openBracket(from start: Int) -> SQLToken {
    openBrackets &+= 1
    if dialect.isUnknown { brackets.countInBrackets(text, from: start) }
    // A name of SQL Server with an apostrophe in it: where strings begin cannot be told.
    return brackets.areOdd ? error(start) : token(.openBracket, start)
  }

  mutating func closeBracket(from start: Int) -> SQLToken {
    openBrackets = max(0, openBrackets &- 1)
    return token(.closeBracket, start)
  }

  /// Notes a `{` of a call that makes up the whole statement; one within a statement is an escape sequence.
  mutating func openBrace(from start: Int) -> SQLToken {
    if start == 0 || openBraces > 0 {
      openBraces &+= 1
      return token(.symbol, start)
    }
    guard let end = escapeSequenceEnd() else { return error(start) }
    position = end
    return token(.escapeSequence, start)
  }

  /// Behind the next `}` that stands in no string.
  private func escapeSequenceEnd() -> Int? {
    var index = position
    var quote: UInt8?
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\\"), quote != nil, !readsBackslashLiterally {
        index &+= 1
      } else if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: "}") {
        return index &+ 1
      }
      index &+= 1
    }
    return nil
  }

  mutating func closeBrace(from start: Int) -> SQLToken {
    guard openBraces > 0 else { return error(start) }
    openBraces &-= 1
    return token(.symbol, start)
  }
}
