import TraceModel

/// Rewrites one statement in the classic way: token by token, each seen in the light of the one before.
struct ClassicSQL: ~Copyable {
  private var tokenizer: SQLTokenizer
  private let options: SQLOptions
  private var last = SQLTokenKind.end
  private var grouping = SQLGrouping()
  private var values: SQLValuePositions

  init(_ statement: TextBytes, _ options: SQLOptions, dialect: SQLDialect, readsBackslashLiterally: Bool) {
    tokenizer = SQLTokenizer(statement, dialect: dialect, readsBackslashLiterally: readsBackslashLiterally)
    self.options = options
    values = SQLValuePositions(statement, dialect)
  }

  /// Whether the statement ends its strings elsewhere when backslashes are read in the other way.
  var meetsEscapedQuote: Bool { tokenizer.meetsEscapedQuote }

  /// Appends what the statement comes to, and whether it could be read. What was appended before a failure stays.
  mutating func rewrite(into out: inout GrowableBuffer<UInt8>, tables: inout SQLTableNames) -> Bool {
    let start = out.count
    while true {
      let token = tokenizer.next(after: last)
      if token.kind == .end { return out.count > start }
      if token.kind == .error { return false }
      guard take(token, &out, start, &tables) else { return false }
      switch token.kind {
      case .comment: continue
      case .string, .doubleQuoted, .dollarQuoted, .dollarFunction, .escapeSequence: values.noteText()
      default: values.note(written(token))
      }
    }
  }

  @inline(__always) private mutating func take(
    _ token: SQLToken, _ out: inout GrowableBuffer<UInt8>, _ start: Int, _ tables: inout SQLTableNames
  ) -> Bool {
    var kind = token.kind
    if options.collectsTableNames, isTable(token) {
      kind = .tableName
      tables.add(written(token), replacingDigits: options.replacesDigits)
    }
    var isWritten = true
    guard discard(&kind, &isWritten) else { return false }
    let isFunction = kind == .dollarFunction && options.obfuscatesDollarQuotedFunctions
    let isReplaced = replace(&kind, isFunction: isFunction)
    let decision = grouping.decide(&kind, after: last)
    defer { last = kind }
    guard isWritten || isReplaced, decision != .drop else { return true }
    if out.count > start, kind != .comma, !(kind == .equals && last == .colon) { out.append(0x20) }
    if decision == .writeBehindParenthesis { out.append("( ") }
    if isReplaced {
      out.append(0x3F)
    } else if isFunction {
      appendFunction(token, to: &out, &tables, &kind)
    } else {
      append(token, kind, to: &out)
    }
    return true
  }

  /// Leaves out comments, semicolons and aliases. Returns false where the statement cannot be read.
  @inline(__always) private func discard(_ kind: inout SQLTokenKind, _ isWritten: inout Bool) -> Bool {
    if last == .filteredBracket, kind != .closeBracket {
      guard kind == .identifier else { return false }
      (kind, isWritten) = (.filteredBracket, false)
      return true
    }
    if last == .alias || last == .filteredBracket, !options.keepsAlias {
      (kind, isWritten) = (last == .alias && kind == .openBracket ? .filteredBracket : .filtered, false)
      return true
    }
    switch kind {
    case .comment: (kind, isWritten) = (.filtered, false)
    case .semicolon: (kind, isWritten) = (.groupable, false)
    case .alias: isWritten = options.keepsAlias
    default: break
    }
    return true
  }

  /// Whether `?` stands for the token, which then is one of a list of values.
  @inline(__always) private func replace(_ kind: inout SQLTokenKind, isFunction: Bool) -> Bool {
    if last == .savepoint {
      kind = kind == .openParenthesis ? .groupableParenthesis : .groupable
      return true
    }
    switch kind {
    case .doubleQuoted:
      // Behind an assignment or comparison, and in a list of values, it is MySQL's string rather than a name.
      guard last == .equals || values.isValue(nextByte: tokenizer.ahead) else { return false }
    case .dollarFunction:
      if isFunction { return false }
    case .dollarQuoted, .string, .number, .null, .formatParameter, .positionalParameter, .boolean, .escapeSequence,
      .question:
      break
    default: return false
    }
    kind = .groupable
    return true
  }

  private func isTable(_ token: SQLToken) -> Bool {
    guard token.kind.isName, token.unescaping == 0, token.emptyQuote == 0 else { return false }
    switch last {
    case .update, .into: return true
    case .from, .join:
      let initial = tokenizer.text[token.start]
      return initial != UInt8(ascii: "_") && CharacterClass.isASCIILetter(initial)
        || CharacterClass.letterLength(tokenizer.text, at: token.start) > 0
    default: return false
    }
  }

  @inline(__always) private func written(_ token: SQLToken) -> TextBytes {
    tokenizer.text.part(token.start, token.end)
  }

  @inline(__always) private func append(_ token: SQLToken, _ kind: SQLTokenKind, to out: inout GrowableBuffer<UInt8>) {
    if token.emptyQuote != 0 {
      out.append(token.emptyQuote)
      out.append(token.emptyQuote)
    } else if token.unescaping != 0 {
      appendUnescaped(token, kind, to: &out)
    } else if options.replacesDigits, kind == .identifier || kind == .tableName {
      CharacterClass.appendReplacingDigits(written(token), to: &out)
    } else {
      written(token).append(to: &out)
    }
  }

  /// A name without the escapes and doubled quotes in it.
  private func appendUnescaped(_ token: SQLToken, _ kind: SQLTokenKind, to out: inout GrowableBuffer<UInt8>) {
    let replacesDigits = options.replacesDigits && kind == .identifier
    var index = token.start
    var isInDigits = false
    while index < token.end {
      var byte = tokenizer.text[index]
      if byte == token.unescaping || (byte == UInt8(ascii: "\\") && !tokenizer.readsBackslashLiterally) {
        index += 1
        byte = tokenizer.text[index]
      }
      index += 1
      let isDigit = replacesDigits && CharacterClass.isDigit(byte)
      if !isDigit {
        out.append(byte)
      } else if !isInDigits {
        out.append(0x3F)
      }
      isInDigits = isDigit
    }
  }

  /// What stands between `$func$` as a statement of its own; `?` where it cannot be read.
  private mutating func appendFunction(
    _ token: SQLToken, to out: inout GrowableBuffer<UInt8>, _ tables: inout SQLTableNames, _ kind: inout SQLTokenKind
  ) {
    let start = out.count
    out.append("$func$")
    var inner = ClassicSQL(
      written(token), options, dialect: tokenizer.dialect,
      readsBackslashLiterally: tokenizer.readsBackslashLiterally)
    defer { if inner.meetsEscapedQuote { tokenizer.meetsEscapedQuote = true } }
    if inner.rewrite(into: &out, tables: &tables) {
      out.append("$func$")
    } else {
      out.truncate(to: start)
      out.append(0x3F)
      kind = .groupable
    }
  }
}
