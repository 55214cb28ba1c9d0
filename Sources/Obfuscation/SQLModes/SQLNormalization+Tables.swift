import TraceModel

extension SQLNormalization {
  /// Notes the name of a table behind `FROM`, `JOIN` and the like, unless `WITH` has given it to a query.
  func collect(_ lexeme: SQLLexeme, _ tables: inout SQLTableNames, _ scratch: inout Scratch) {
    guard let before = lastText,
      lexeme.kind == .identifier || lexeme.kind == .quotedIdentifier || lexeme.kind == .function
    else { return }
    if before.spells("WITH") {
      guard lexeme.kind == .identifier, scratch.queryNames.count + lexeme.text.count < SQLTableNames.bytesMax
      else { return }
      lexeme.text.append(to: &scratch.queryNames)
      scratch.queryNames.append(0)
      return
    }
    guard Self.announcements.contains(where: { before.spells($0) }),
      !Self.keywords.contains(where: { lexeme.text.spells($0) }),
      !Self.contains(lexeme.text, in: scratch.queryNames.bytes(from: 0))
    else { return }
    guard lexeme.kind == .quotedIdentifier else {
      return tables.add(lexeme.text, replacingDigits: replacesDigits)
    }
    var bare = GrowableBuffer<UInt8>()
    appendWithoutQuotes(lexeme.text, replacingDigits: false, to: &bare)
    tables.add(bare.bytes(from: 0), replacingDigits: replacesDigits)
  }

  /// Words behind which the name of a table stands.
  private static let announcements: [StaticString] = [
    "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "EXISTS", "STRAIGHT_JOIN", "CLONE", "ONLY",
  ]

  /// Words that stand where a table might and are none.
  private static let keywords: [StaticString] = [
    "SELECT", "IF", "EXISTS", "ONLY", "NOT", "SET", "WHERE", "VALUES", "TABLE", "VIEW", "LEFT", "RIGHT", "INNER",
    "OUTER", "ON", "USING", "AS", "ALL", "ANY", "SOME", "DISTINCT", "RECURSIVE", "UNLOGGED", "TEMPORARY",
  ]

  private static func contains(_ name: TextBytes, in names: TextBytes) -> Bool {
    var start = 0
    while let end = names.firstIndex(of: 0, from: start) {
      if names.part(start, end).isEqual(to: name) { return true }
      start = end + 1
    }
    return false
  }
}
