/// Finds the ends of comments between `/*` and `*/`, which PostgreSQL and SQL Server nest and others do not.
struct SQLBlockComments {
  private enum Nesting { case always, never, wherePossible }

  private var nesting: Nesting

  init(_ dialect: SQLDialect) {
    nesting =
      switch dialect {
      case .postgreSQL, .sqlServer: .always
      case .mySQL, .oracle, .snowflake: .never
      case .generic, .quotedNames: .wherePossible
      }
  }

  /// Where a comment ends, behind its last byte; `nil` for one without an end.
  /// - Parameter start: behind its `/*`.
  mutating func end(in text: TextBytes, from start: Int) -> Int? {
    var (depth, index) = (1, start)
    var firstEnd: Int?
    while index < text.count {
      let (byte, ahead) = (text[index], text[index &+ 1])
      if byte == UInt8(ascii: "*"), ahead == UInt8(ascii: "/") {
        index &+= 2
        depth &-= 1
        if depth == 0 { return index }
        if firstEnd == nil { firstEnd = index }
      } else if byte == UInt8(ascii: "/"), ahead == UInt8(ascii: "*"), nesting != .never {
        index &+= 2
        depth &+= 1
      } else {
        index &+= 1
      }
    }
    guard nesting == .wherePossible, let firstEnd else { return nil }
    // To look for what is missing again, behind each comment, would take time by the square of the length.
    nesting = .never
    return firstEnd
  }
}
