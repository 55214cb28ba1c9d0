/// The words by which messages of databases, and of the libraries above them, announce values, statements and names.
enum DatabaseErrorPhrases {
  /// Where what is hidden behind a phrase ends.
  enum End { case line, brace, bracket, opening }

  /// Bytes in front of a quote or a parenthesis that are looked at; all announcements are shorter.
  static let announcementBytesMax = 48

  /// What libraries add to a message: SQLAlchemy, Laravel, Hibernate, the drivers of MongoDB and Redis.
  static let additions: [(text: StaticString, end: End)] = [
    ("SQL: ", .opening), ("SQL [", .bracket), ("[parameters: ", .bracket), ("dup key: {", .brace),
    ("full error: {", .brace),
    ("args beginning with: ", .line),
  ]

  /// Where the statement begins in a line that shows it (`LINE 1: SELECT …`, as PostgreSQL has it); `nil` in others.
  static func statementStart(in line: TextBytes) -> Int? {
    var start = 0
    while line[start] == 0x20 || line[start] == 0x09 { start += 1 }
    for label: StaticString in ["LINE", "QUERY", "STATEMENT"] where begins(line, label, at: start) {
      var index = start + label.utf8CodeUnitCount
      while line[index] == 0x20 || CharacterClass.isDigit(line[index]) { index += 1 }
      if line[index] == UInt8(ascii: ":") { return index + 1 < line.count ? index + 2 : nil }
    }
    return nil
  }

  /// Whether values stand in the parenthesis behind this text.
  static func announcesValues(_ before: TextBytes) -> Bool {
    let phrases: [StaticString] = [
      ")=", ") = ", "contains ", "value is ", "constant ", "values ", "VALUES ", "values", "VALUES",
    ]
    return phrases.contains { before.hasSuffix($0) } || isPipelined(before)
  }

  /// `Command # 1 (SET k v) of pipeline caused error`, as redis-py has it.
  private static func isPipelined(_ before: TextBytes) -> Bool {
    var end = before.count
    while end > 0, before[end - 1] == 0x20 || CharacterClass.isDigit(before[end - 1]) { end -= 1 }
    return end < before.count && before.part(0, end).hasSuffix("Command #")
  }

  /// What follows the value that this text announces, where that is known: MySQL escapes no quote in values.
  static func continuation(behind before: TextBytes) -> StaticString? {
    if before.hasSuffix("Duplicate entry ") { return " for key " }
    if before.hasSuffix("near ") { return " at line " }
    if before.hasSuffix("value: ") { return " for column " }
    if before.hasSuffix(" value ") { return " to data type " }
    return nil
  }

  /// Whether the quote behind this text begins the message in the arguments of an exception of Python: `(1062, "…`.
  static func beginsMessage(_ before: TextBytes) -> Bool {
    guard before.hasSuffix(", ") else { return false }
    var start = before.count - 2
    while start > 0, CharacterClass.isDigit(before[start - 1]) { start -= 1 }
    return start > 0 && start < before.count - 2 && before[start - 1] == UInt8(ascii: "(")
  }

  /// Whether a name of something in the database stands in the quotes behind this text.
  static func announcesName(_ before: TextBytes) -> Bool {
    if before.hasSuffix("@") || before.hasSuffix("column name ") || before.hasSuffix("object name ") { return true }
    guard before[before.count - 1] == 0x20 else { return false }
    var start = before.count - 1
    while start > 0, CharacterClass.isASCIILetter(before[start - 1]) { start -= 1 }
    let word = before.part(start, before.count - 1)
    return nouns.contains { word.spells($0) }
  }

  /// Whether a word of SQL, or one of its signs, stands there and nothing else.
  static func isKeyword(_ text: TextBytes) -> Bool {
    if text.isEqual(to: "field list") || text.count < 20 && text.hasSuffix(" clause") { return true }
    if text.count == 1 { return !CharacterClass.isASCIILetter(text[0]) && !CharacterClass.isDigit(text[0]) }
    return text.count <= 9 && keywords.contains { text.spells($0) }
  }

  /// Whether an error of this type is that of a database or of a library for one.
  static func nameDatabase(_ type: TextBytes) -> Bool {
    let bytesMax = 256
    let names = databases
    return (0..<min(type.count, bytesMax)).contains { index in
      let first = CharacterClass.small(type[index])
      return names.contains {
        unsafe $0.utf8Start[0] == first && type.part(index, index + $0.utf8CodeUnitCount).isEqual(toSmall: $0)
      }
    }
  }

  /// Whether a text of whatever kind holds a phrase that only errors of databases have.
  static func areIn(_ text: TextBytes) -> Bool {
    (0..<text.count).contains { index in
      switch text[index] {
      // How the marks begin: bytes that texts have few of.
      case UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "C"), UInt8(ascii: "D"), UInt8(ascii: "E"),
        UInt8(ascii: "F"), UInt8(ascii: "L"), UInt8(ascii: "S"):
        marks.contains { begins(text, $0, at: index) }
      default: false
      }
    }
  }

  private static func begins(_ text: TextBytes, _ word: StaticString, at index: Int) -> Bool {
    text.part(index, index + word.utf8CodeUnitCount).isEqual(to: word)
  }

  private static let marks: [StaticString] = [
    ")=(", "[parameters: ", "Command # ", "Duplicate entry ", "E11000 ", "ERR unknown command",
    "Failing row contains (",
    "LINE 1: ", "SQL syntax", "SQL: ", "SQLSTATE",
  ]

  private static let databases: [StaticString] = [
    "sql", "psycopg", "postgres", "pg::", "pgx", "pgconn", "pgerror", "pq.", "mongo", "redis", "valkey", "cassandra",
    "oracle", "django.db", "peewee", "sequelize", "prisma", "hibernate", "jdbc", "integrityerror", "operationalerror",
    "programmingerror", "dataerror", "databaseerror", "activerecord", "pdoexception", "queryfailed", "duplicatekey",
    "dataintegrity", "memcache", "elastic", "opensearch", "clickhouse", "snowflake",
  ]

  private static let nouns: [StaticString] = [
    "TABLE", "COLUMN", "COLUMNS", "KEY", "CONSTRAINT", "INDEX", "RELATION", "DATABASE", "SCHEMA", "FUNCTION",
    "PROCEDURE", "TYPE", "ROLE", "USER", "VIEW", "SEQUENCE", "FIELD", "OBJECT", "TRIGGER", "OPERATOR", "EXTENSION",
    "LANGUAGE", "TABLESPACE", "CURSOR", "PARAMETER", "VARIABLE", "COLLATION", "SERVER", "HOST",
    "PARTITION", "ALIAS", "DOMAIN", "ENUM", "COLLECTION", "KEYSPACE",
  ]

  private static let keywords: [StaticString] = [
    "SELECT", "FROM", "WHERE", "INSERT", "INTO", "VALUES", "UPDATE", "SET", "DELETE", "JOIN", "ON", "GROUP", "ORDER",
    "BY",
    "HAVING", "LIMIT", "OFFSET", "AND", "OR", "NOT", "NULL", "IN", "IS", "LIKE", "BETWEEN", "AS", "UNION", "CREATE",
    "ALTER",
    "DROP", "TABLE", "INDEX", "CASE", "WHEN", "THEN", "ELSE", "END", "WITH", "RETURNING", "USING",
  ]
}
