extension SQLTokenizer {
  /// A token that begins with `byte`, which is neither letter nor digit and has been read.
  mutating func symbol(_ byte: UInt8, from start: Int, after last: SQLTokenKind) -> SQLToken {
    switch byte {
    case UInt8(ascii: ","): return token(.comma, start)
    case UInt8(ascii: "("): return token(.openParenthesis, start)
    case UInt8(ascii: ")"): return token(.closeParenthesis, start)
    case UInt8(ascii: "="): return token(.equals, start)
    case UInt8(ascii: "'"): return quoted(byte, .string, from: start)
    case UInt8(ascii: "\""): return quoted(byte, dialect == .mySQL ? .string : .doubleQuoted, from: start)
    case UInt8(ascii: "`"): return quoted(byte, .identifier, from: start)
    case UInt8(ascii: "?"): return question(from: start, after: last)
    case UInt8(ascii: ";"): return token(.semicolon, start)
    case UInt8(ascii: "["):
      guard dialect == .sqlServer else { return openBracket(from: start) }
      return quoted(UInt8(ascii: "]"), .doubleQuoted, from: start)
    case UInt8(ascii: "]"): return closeBracket(from: start)
    case UInt8(ascii: "."):
      guard CharacterClass.isDigit(ahead) else { return token(.symbol, start) }
      return number(from: start)
    case UInt8(ascii: "-"): return minus(from: start)
    case UInt8(ascii: ":"): return colon(from: start, after: last)
    case UInt8(ascii: "$"): return dollar(from: start)
    case UInt8(ascii: "@"): return at(from: start)
    case UInt8(ascii: "%"): return percent(from: start)
    case UInt8(ascii: "{"): return openBrace(from: start)
    case UInt8(ascii: "}"): return closeBrace(from: start)
    default: return comparison(byte, from: start)
    }
  }

  private mutating func comparison(_ byte: UInt8, from start: Int) -> SQLToken {
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "^"):
      return token(.symbol, start)
    case UInt8(ascii: ">"): return token(.symbol, start, taking: ahead == UInt8(ascii: "=") ? 1 : 0)
    case UInt8(ascii: "~"): return token(.symbol, start, taking: ahead == UInt8(ascii: "*") ? 1 : 0)
    case UInt8(ascii: "<"): return less(from: start)
    case UInt8(ascii: "!"): return exclamation(from: start)
    case UInt8(ascii: "/"): return slash(from: start)
    case UInt8(ascii: "#"): return hash(from: start)
    default: return error(start)
    }
  }

  /// In PostgreSQL an operator of JSON, where something stands before it that it can work on.
  private mutating func question(from start: Int, after last: SQLTokenKind) -> SQLToken {
    guard dialect == .postgreSQL else { return token(.question, start) }
    if ahead == UInt8(ascii: "|") || ahead == UInt8(ascii: "&") { return token(.symbol, start, taking: 1) }
    let isInList = last == .openParenthesis || last == .comma || last.isGroupable || last == .openBracket
    return token(isInList ? .question : .symbol, start)
  }

  private mutating func minus(from start: Int) -> SQLToken {
    switch ahead {
    case UInt8(ascii: "-"): return lineComment(from: start)
    case UInt8(ascii: ">"):
      guard dialect == .postgreSQL else { return token(.number, start) }
      return token(.symbol, start, taking: text[position &+ 1] == UInt8(ascii: ">") ? 2 : 1)
    case 0x30...0x39: return number(from: start)
    case UInt8(ascii: ".") where CharacterClass.isDigit(text[position &+ 1]): return number(from: start)
    default: return token(.symbol, start)
    }
  }

  private mutating func colon(from start: Int, after last: SQLTokenKind) -> SQLToken {
    if ahead == UInt8(ascii: ":") { return token(.symbol, start, taking: 1) }
    // `autovacuum: VACUUM`, and the first half of `:=`.
    if CharacterClass.spaceLength(text, at: position) > 0 || ahead == UInt8(ascii: "=") { return token(.colon, start) }
    // A slice, `[1:2]` or `[i:2]`, rather than a numbered variable.
    if CharacterClass.isDigit(ahead), last.isGroupable || openBrackets > 0 || dialect == .postgreSQL {
      return token(.colon, start)
    }
    var length = 0
    while case let step = bindLength(at: position &+ length), step > 0 { length &+= step }
    guard length > 0, ahead != UInt8(ascii: ".") else { return error(start) }
    return token(.bind, start, taking: length)
  }

  /// Length of a character that a bind variable's name may hold; 0 for another one.
  private func bindLength(at index: Int) -> Int {
    let byte = text[index]
    if CharacterClass.isASCIILetter(byte) || CharacterClass.isDigit(byte) { return 1 }
    switch byte {
    case UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "."): return 1
    default: return CharacterClass.letterLength(text, at: index)
    }
  }

  private mutating func at(from start: Int) -> SQLToken {
    guard dialect == .postgreSQL else { return identifier(from: start) }
    return token(.symbol, start, taking: ahead == UInt8(ascii: ">") ? 1 : 0)
  }

  private mutating func percent(from start: Int) -> SQLToken {
    if ahead == UInt8(ascii: "(") {
      guard let end = text.firstIndex(of: UInt8(ascii: ")"), from: position) else { return error(start) }
      // `10 % ('x')` is no driver's parameter.
      if text.part(position, end).firstIndex(of: UInt8(ascii: "'")) != nil { return token(.symbol, start) }
      position = end &+ 1
      let length = formatLength(at: position)
      return length > 0 ? token(.formatParameter, start, taking: length) : error(start)
    }
    // `%s` of a driver, else the modulo operator.
    let length = formatLength(at: position)
    return length > 0 ? token(.formatParameter, start, taking: length) : token(.symbol, start)
  }

  private func formatLength(at index: Int) -> Int {
    let byte = text[index]
    if CharacterClass.isASCIILetter(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "#") { return 1 }
    return CharacterClass.letterLength(text, at: index)
  }

  private mutating func less(from start: Int) -> SQLToken {
    switch ahead {
    case UInt8(ascii: ">"): return token(.symbol, start, taking: 1)
    case UInt8(ascii: "="): return token(.symbol, start, taking: text[position &+ 1] == UInt8(ascii: ">") ? 2 : 1)
    case UInt8(ascii: "@") where dialect == .postgreSQL: return token(.symbol, start, taking: 1)
    default: return token(.symbol, start)
    }
  }

  private mutating func exclamation(from start: Int) -> SQLToken {
    switch ahead {
    case UInt8(ascii: "="): return token(.symbol, start, taking: 1)
    case UInt8(ascii: "~"): return token(.symbol, start, taking: text[position &+ 1] == UInt8(ascii: "*") ? 2 : 1)
    case UInt8(ascii: "("), UInt8(ascii: "`"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "+"),
      UInt8(ascii: "-"), 0x30...0x39:
      return token(.symbol, start)
    default:
      let isFollowed = CharacterClass.spaceLength(text, at: position) > 0 || formatLength(at: position) > 0
      return isFollowed ? token(.symbol, start) : error(start)
    }
  }

  private mutating func slash(from start: Int) -> SQLToken {
    switch ahead {
    case UInt8(ascii: "/"): return lineComment(from: start)
    case UInt8(ascii: "*"):
      guard let end = comments.end(in: text, from: position &+ 1) else { return error(start) }
      position = end
      return token(.comment, start)
    default: return token(.symbol, start)
    }
  }

  /// A comment, unless SQL Server names a temporary table so or PostgreSQL has an operator.
  private mutating func hash(from start: Int) -> SQLToken {
    switch (dialect, ahead) {
    case (.sqlServer, _): return identifier(from: start)
    case (.postgreSQL, UInt8(ascii: ">")):
      return token(.symbol, start, taking: text[position &+ 1] == UInt8(ascii: ">") ? 2 : 1)
    case (.postgreSQL, UInt8(ascii: "-")): return token(.symbol, start, taking: 1)
    case (.postgreSQL, _): return token(.symbol, start)
    default: return lineComment(from: start)
    }
  }

  private mutating func lineComment(from start: Int) -> SQLToken {
    position = text.firstIndex(of: 0x0A, from: position).map { $0 &+ 1 } ?? text.count
    return token(.comment, start)
  }
}
