/// Whose SQL a statement is written in, where that changes how it is read.
package enum SQLDialect: UInt8, Sendable {
  case generic, sqlServer, postgreSQL, mySQL, oracle, snowflake

  /// The dialect that a span's `db.type` names, in capitals or not; `generic` for a name that changes nothing.
  package init(name: TextBytes) {
    self = Self.names.first { name.isEqual(toSmall: $0.name) }?.dialect ?? .generic
  }

  /// The names of databases that change how a statement is read.
  package static let names: [(name: StaticString, dialect: SQLDialect)] = [
    ("mssql", .sqlServer), ("sqlserver", .sqlServer), ("sql-server", .sqlServer),
    ("postgresql", .postgreSQL), ("postgres", .postgreSQL),
    ("mysql", .mySQL), ("mariadb", .mySQL), ("oracle", .oracle), ("snowflake", .snowflake),
    // As OpenTelemetry's `db.system.name` has them.
    ("microsoft.sql_server", .sqlServer), ("oracle.db", .oracle),
  ]

  /// How a backslash in a string is read.
  enum Backslash {
    /// It escapes what follows, a quote too.
    case escapes
    /// It is a character like any other, as standard SQL has it.
    case isLiteral
    /// Nothing tells, so both are tried.
    case unknown
  }

  var backslash: Backslash {
    switch self {
    case .mySQL, .snowflake: .escapes
    case .sqlServer, .postgreSQL, .oracle: .isLiteral
    case .generic: .unknown
    }
  }
}
