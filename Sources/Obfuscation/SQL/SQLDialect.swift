/// Whose SQL a statement is written in, where that changes how it is read.
package enum SQLDialect: UInt8, Sendable {
  case generic, sqlServer, postgreSQL, mySQL, oracle, snowflake

  /// The dialect that a span's `db.type` names; `generic` for a name that changes nothing.
  package init(name: TextBytes) {
    self = Self.names.first { name.isEqual(to: $0.name) }?.dialect ?? .generic
  }

  private static let names: [(name: StaticString, dialect: SQLDialect)] = [
    ("mssql", .sqlServer), ("sqlserver", .sqlServer), ("sql-server", .sqlServer),
    ("postgresql", .postgreSQL), ("postgres", .postgreSQL),
    ("mysql", .mySQL), ("oracle", .oracle), ("snowflake", .snowflake),
  ]
}
