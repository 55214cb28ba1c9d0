import TraceModel

/// Rewrites a statement in one of the modes of `sql_obfuscation_mode`.
struct SQLNormalization: ~Copyable {
  private var lexer: SQLLexer
  private let options: SQLOptions
  /// The last lexeme that is neither blank nor comment.
  private var last: SQLLexeme?
  /// Values in brackets are being collapsed.
  private var isInValues = false
  /// The comma before has been left out, because a value might follow.
  private var owesComma = false

  /// Memory that is used again for each statement.
  struct Scratch: ~Copyable {
    /// Names that `WITH` gave to queries, each with a NUL behind it: they are no tables.
    var queryNames = GrowableBuffer<UInt8>()
  }

  var lastText: TextBytes? { last?.text }
  var replacesDigits: Bool { options.replacesDigits && options.mode != .normalizeOnly }

  init(_ lexer: SQLLexer, _ options: SQLOptions) {
    self.lexer = lexer
    self.options = options
  }

  /// Whether each string, quoted name and comment had its end, and is one in each dialect.
  var isWhole: Bool { !lexer.mayBeMisread }
  /// Whether the statement ends its strings elsewhere when backslashes are read in the other way.
  var meetsEscapedQuote: Bool { lexer.meetsEscapedQuote }

  /// Appends what a statement comes to. Returns false for one that says nothing.
  mutating func rewrite(
    into out: inout GrowableBuffer<UInt8>, tables: inout SQLTableNames, _ scratch: inout Scratch
  ) -> Bool {
    let start = out.count
    scratch.queryNames.removeAll(keepingBytes: 4096)
    if options.mode == .obfuscateOnly {
      obfuscate(into: &out)
    } else {
      normalize(into: &out, tables: &tables, &scratch)
    }
    Self.trim(&out, from: start, keepsSemicolon: options.mode == .obfuscateOnly || options.keepsTrailingSemicolon)
    return out.count > start
  }

  /// Hides values and leaves all else as it is.
  private mutating func obfuscate(into out: inout GrowableBuffer<UInt8>) {
    while case let lexeme = lexer.next(), lexeme.kind != .end {
      if lexeme.isHidden(options, after: last) {
        out.append(0x3F)
      } else if lexeme.kind == .dollarFunction {
        appendFunction(lexeme, to: &out) { body, out in body.obfuscate(into: &out) }
      } else if lexeme.kind == .comment {
        appendComment(lexeme.text, to: &out)
      } else {
        append(lexeme, to: &out)
      }
      if lexeme.kind != .blank { last = lexeme }
    }
  }

  private mutating func normalize(
    into out: inout GrowableBuffer<UInt8>, tables: inout SQLTableNames, _ scratch: inout Scratch
  ) {
    let start = out.count
    while case var lexeme = lexer.next(), lexeme.kind != .end {
      guard lexeme.kind != .blank, lexeme.kind != .comment else { continue }
      lexeme.isPlaceholder =
        lexeme.isOnly(0x3F) || options.mode != .normalizeOnly && lexeme.isHidden(options, after: last)
      if options.collectsTableNames, !lexeme.isPlaceholder { collect(lexeme, &tables, &scratch) }
      let isCollapsed = collapse(lexeme, into: &out)
      if !isCollapsed {
        if out.count > start, needsBlank(before: lexeme) { out.append(0x20) }
        if lexeme.isPlaceholder {
          out.append(0x3F)
        } else if lexeme.kind == .dollarFunction {
          appendFunction(lexeme, to: &out) { body, out in
            var none = Scratch()
            let start = out.count
            body.normalize(into: &out, tables: &tables, &none)
            Self.trim(&out, from: start, keepsSemicolon: body.options.keepsTrailingSemicolon)
          }
        } else {
          append(lexeme, to: &out)
        }
      }
      last = lexeme
    }
  }

  /// Whether the lexeme goes into the `?` that is written already.
  private mutating func collapse(_ lexeme: SQLLexeme, into out: inout GrowableBuffer<UInt8>) -> Bool {
    guard let last else { return false }
    let isBehindComma = last.isOnly(UInt8(ascii: ","))
    if lexeme.isPlaceholder {
      if last.isOnly(UInt8(ascii: "(")) || last.isOnly(UInt8(ascii: "[")) {
        isInValues = true
      } else if isBehindComma, owesComma {
        owesComma = false
        return true
      }
    }
    guard isInValues else { return false }
    if last.isPlaceholder, lexeme.isOnly(UInt8(ascii: ",")) {
      owesComma = true
      return true
    }
    if lexeme.isOnly(UInt8(ascii: ")")) || lexeme.isOnly(UInt8(ascii: "]")) {
      isInValues = false
    } else if isBehindComma, owesComma {
      out.append(UInt8(ascii: ","))
    }
    owesComma = false
    return false
  }

  private func needsBlank(before lexeme: SQLLexeme) -> Bool {
    if options.removesSpaceBetweenParentheses {
      if let last, last.kind == .function || last.isOnly(UInt8(ascii: "(")) || last.isOnly(UInt8(ascii: "[")) {
        return false
      }
      if lexeme.isOnly(UInt8(ascii: ")")) || lexeme.isOnly(UInt8(ascii: "]")) { return false }
    }
    if lexeme.isOnly(UInt8(ascii: ",")) || lexeme.isOnly(UInt8(ascii: ";")) { return false }
    return !(lexeme.isOnly(UInt8(ascii: "=")) && last?.isOnly(UInt8(ascii: ":")) == true)
  }

  /// Writes a comment without the numbers in it, and what follows a quote: it may be of a statement that was switched off,
  /// and nobody knows whether an apostrophe in it begins a text.
  private func appendComment(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    var index = 0
    while index < text.count {
      let byte = text[index]
      let before = text[index - 1]
      let isInWord = CharacterClass.isASCIILetter(before) || CharacterClass.isDigit(before)
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        out.append(0x3F)
        index = max(index + 1, commentEnd(of: text))
      } else if CharacterClass.isDigit(byte), !isInWord {
        out.append(0x3F)
        index = SQLLiteral.numberEnd(text, from: index)
      } else {
        out.append(byte)
        index += 1
      }
    }
  }

  /// Where the mark that ends a comment begins.
  private func commentEnd(of text: TextBytes) -> Int {
    text[0] == UInt8(ascii: "/") && text[1] == UInt8(ascii: "*") ? text.count - 2 : text.count
  }

  /// Writes a lexeme that is not hidden; a quoted name without its quotes, unless they are kept.
  private func append(_ lexeme: SQLLexeme, to out: inout GrowableBuffer<UInt8>) {
    let isQuoted = lexeme.kind == .quotedIdentifier
    let losesQuotes = isQuoted && options.mode != .obfuscateOnly && !options.keepsIdentifierQuotation
    let replacesDigits =
      options.replacesDigits && options.mode != .normalizeOnly && (isQuoted || lexeme.kind == .identifier)
    guard losesQuotes else {
      if replacesDigits {
        CharacterClass.appendReplacingDigits(lexeme.text, to: &out)
      } else {
        lexeme.text.append(to: &out)
      }
      return
    }
    appendWithoutQuotes(lexeme.text, replacingDigits: replacesDigits, to: &out)
  }

  func appendWithoutQuotes(
    _ text: TextBytes, replacingDigits: Bool, to out: inout GrowableBuffer<UInt8>
  ) {
    let (opening, closing) = (text[0], text[text.count - 1])
    var start = 0
    for index in 0...text.count where index == text.count || text[index] == opening || text[index] == closing {
      let part = text.part(start, index)
      if replacingDigits {
        CharacterClass.appendReplacingDigits(part, to: &out)
      } else {
        part.append(to: &out)
      }
      start = index + 1
    }
  }

  /// Writes the body of `$func$ … $func$` as a statement of its own.
  private mutating func appendFunction(
    _ lexeme: SQLLexeme, to out: inout GrowableBuffer<UInt8>,
    _ write: (inout SQLNormalization, inout GrowableBuffer<UInt8>) -> Void
  ) {
    out.append("$func$")
    let start = out.count
    var body = SQLNormalization(lexer.reading(lexeme.functionBody), options)
    write(&body, &out)
    lexer.note(body.lexer)
    Self.trim(&out, from: start, keepsSemicolon: true)
    out.append("$func$")
  }

  /// Cuts blanks from both ends of what was written, and a semicolon from its end.
  private static func trim(_ out: inout GrowableBuffer<UInt8>, from start: Int, keepsSemicolon: Bool) {
    let isBlank = { (byte: UInt8) in CharacterClass.isASCIISpace(byte) }
    while out.count > start, isBlank(out[out.count - 1]) { out.truncate(to: out.count - 1) }
    if !keepsSemicolon, out.count > start, out[out.count - 1] == UInt8(ascii: ";") {
      out.truncate(to: out.count - 1)
      while out.count > start, isBlank(out[out.count - 1]) { out.truncate(to: out.count - 1) }
    }
    var blanks = 0
    while start + blanks < out.count, isBlank(out[start + blanks]) { blanks += 1 }
    guard blanks > 0 else { return }
    for index in start..<out.count - blanks { out[index] = out[index + blanks] }
    out.truncate(to: out.count - blanks)
  }
}
