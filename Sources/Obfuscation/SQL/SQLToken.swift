/// What a piece of a statement is, as far as obfuscation cares.
enum SQLTokenKind: UInt8 {
  /// The end of the statement.
  case end
  /// What cannot be read as SQL: the statement as a whole is given up.
  case error

  case identifier, tableName, keyword
  case select, from, update, delete, into, join, alias, savepoint
  case null, boolean, number, string, doubleQuoted, dollarQuoted, dollarFunction
  /// `?` where it is a placeholder or may be one.
  case question
  /// `:name` and the like, which say nothing of a value.
  case bind
  /// `%s` or `%(name)s`, where a driver puts a value.
  case formatParameter
  /// `$1`, where a database puts a value.
  case positionalParameter
  /// `{fn …}` of JDBC within a statement.
  case escapeSequence
  case comment
  case comma, openParenthesis, closeParenthesis, openBracket, closeBracket, equals, colon, semicolon
  /// Any operator that is none of the above.
  case symbol

  // What a token has become, as the token behind it sees it.

  /// Left out of what is written.
  case filtered
  /// A value or what belongs to a list of values: several in a row are written as one.
  case groupable
  /// The parenthesis of a further list of values, unless a subquery follows.
  case groupableParenthesis
  /// Left out, and so is what follows until `]`.
  case filteredBracket

  @inline(__always) var isGroupable: Bool { self == .groupable || self == .groupableParenthesis }
  /// Whether it may be the beginning of a query within parentheses.
  @inline(__always) var startsSubquery: Bool {
    self == .select || self == .delete || self == .update || self == .identifier
  }
  /// Whether it can be the name of a table.
  var isName: Bool {
    switch self {
    case .identifier, .doubleQuoted, .keyword, .select, .from, .update, .delete, .into, .join: true
    default: false
    }
  }
}

/// A piece of a statement: where it lies, without the quotes around it.
struct SQLToken {
  var kind: SQLTokenKind
  var start: Int
  var end: Int
  /// The quote that ends the text, when the text holds that quote or escapes and has to be written without them; else 0.
  var unescaping: UInt8 = 0
  /// The quote to write on both sides, when the text in quotes is nothing but blanks; else 0.
  var emptyQuote: UInt8 = 0
}
