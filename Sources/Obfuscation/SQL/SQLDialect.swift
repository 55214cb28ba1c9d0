/// Whose SQL a statement is written in, where that changes how it is read.
package enum SQLDialect: UInt8, Sendable {
  case generic, sqlServer, postgreSQL, mySQL, oracle, snowflake
  /// As `generic`, of a database whose double quotes are known to hold names.
  case quotedNames

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

  /// Whether nobody knows whose SQL it is.
  var isUnknown: Bool { self == .generic || self == .quotedNames }

  /// The dialect that a span's `db.system` names, where literals would show otherwise: in MySQL double quotes hold texts, in
  /// SQL Server names in brackets may hold apostrophes, and in most others double quotes hold names.
  package init(system: TextBytes) {
    let named = SQLDialect(name: system)
    let holdsNames = named != .generic || Self.systemsWithQuotedNames.contains { system.isEqual(toSmall: $0) }
    self = named == .mySQL || named == .sqlServer ? named : holdsNames ? .quotedNames : .generic
  }

  private static let systemsWithQuotedNames: [StaticString] = [
    "cockroachdb", "redshift", "aws.redshift", "db2", "ibm.db2", "h2", "h2database", "hsqldb", "derby", "firebird",
    "firebirdsql", "trino", "presto", "athena", "vertica", "teradata", "greenplum", "edb", "hanadb", "sap.hana",
    "informix", "ibm.informix", "cassandra", "duckdb", "netezza",
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
    case .generic, .quotedNames: .unknown
    }
  }
}
