/// Cuts a statement into tokens, in one pass and without copies, by the rules of the Datadog agent's own tokenizer.
///
/// It reads the SQL of any database a little, and none in full: what matters is where literals begin and end.
struct SQLTokenizer {
  let text: TextBytes
  let dialect: SQLDialect
  /// A backslash in a string is only a backslash, as standard SQL has it; else it escapes what follows, as in MySQL.
  let readsBackslashLiterally: Bool
  /// A backslash stood in a string, so that reading it in the other way may end elsewhere.
  var hasSeenBackslash = false
  /// The offset of the next byte to read.
  var position = 0
  /// Open `{` of a JDBC call that is the whole statement.
  private var openBraces = 0

  init(_ text: TextBytes, dialect: SQLDialect, readsBackslashLiterally: Bool) {
    self.text = text
    self.dialect = dialect
    self.readsBackslashLiterally = readsBackslashLiterally
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
      if Self.continuesName(byte) {
        position &+= 1
      } else if byte >= 0x80, case let length = CharacterClass.letterLength(text, at: position), length > 0 {
        position &+= length
      } else {
        break
      }
    }
    if ahead == UInt8(ascii: "'"), position &- start == 1, text[start] | 0x20 == UInt8(ascii: "x") {
      // `X'1f'` is a literal as a whole.
      position &+= 1
      return quoted(UInt8(ascii: "'"), .string, from: start)
    }
    return token(SQLKeyword.kind(of: text.part(start, position)), start)
  }

  @inline(__always) private static func continuesName(_ byte: UInt8) -> Bool {
    if CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte) { return true }
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "$"), UInt8(ascii: "@"), UInt8(ascii: "#"): return true
    default: return false
    }
  }

  /// A decimal, octal or hexadecimal number, with fraction and exponent.
  mutating func number(from start: Int, kind: SQLTokenKind = .number) -> SQLToken {
    if ahead == 0x30, text[position &+ 1] | 0x20 == UInt8(ascii: "x") {
      position &+= 2
      while CharacterClass.isHexadecimal(ahead) { position &+= 1 }
      return token(kind, start)
    }
    skipDigits()
    if ahead == UInt8(ascii: ".") {
      position &+= 1
      skipDigits()
    }
    if ahead | 0x20 == UInt8(ascii: "e") {
      position &+= 1
      if ahead == UInt8(ascii: "+") || ahead == UInt8(ascii: "-") { position &+= 1 }
      skipDigits()
    }
    return token(kind, start)
  }

  @inline(__always) private mutating func skipDigits() {
    while CharacterClass.isDigit(ahead) { position &+= 1 }
  }

  /// Notes a `{` of a call that makes up the whole statement; one within a statement is an escape sequence.
  mutating func openBrace(from start: Int) -> SQLToken {
    if start == 0 || openBraces > 0 {
      openBraces &+= 1
      return token(.symbol, start)
    }
    guard let end = text.firstIndex(of: UInt8(ascii: "}"), from: position) else { return error(start) }
    position = end &+ 1
    return token(.escapeSequence, start)
  }

  mutating func closeBrace(from start: Int) -> SQLToken {
    guard openBraces > 0 else { return error(start) }
    openBraces &-= 1
    return token(.symbol, start)
  }
}
