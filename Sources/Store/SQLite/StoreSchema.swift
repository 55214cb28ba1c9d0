/// The tables of the file, and how an older file becomes one of today.
///
/// `user_version` is the number of migrations that a file has seen. A migration that was released is never changed:
/// what is new is one more at the end.
enum StoreSchema {
  /// Marks a file as this program's: `roost` has it in the database's header.
  static let applicationID: Int64 = 0x726F_7374

  /// Times are whole seconds since 1970 where a period begins, and ns since 1970 where a span ended.
  static let migrations: [String] = [
    """
    CREATE TABLE keys (
      id INTEGER PRIMARY KEY, env TEXT NOT NULL, service TEXT NOT NULL, resource TEXT NOT NULL, operation TEXT NOT NULL,
      type TEXT NOT NULL, kind TEXT NOT NULL, top_level INTEGER NOT NULL,
      UNIQUE (service, resource, operation, env, type, kind, top_level)
    ) STRICT;
    CREATE TABLE statistics (
      width INTEGER NOT NULL, start INTEGER NOT NULL, key INTEGER NOT NULL, hits INTEGER NOT NULL,
      errors INTEGER NOT NULL, duration_ns REAL NOT NULL, max_ns INTEGER NOT NULL, last_end_ns INTEGER NOT NULL,
      sketch BLOB NOT NULL,
      PRIMARY KEY (width, start, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE uncounted (
      width INTEGER NOT NULL, start INTEGER NOT NULL, hits INTEGER NOT NULL, PRIMARY KEY (width, start)
    ) STRICT, WITHOUT ROWID;
    """,
    // The version of the app is part of a key; what was counted before has none.
    """
    CREATE TABLE versioned_keys (
      id INTEGER PRIMARY KEY, env TEXT NOT NULL, service TEXT NOT NULL, resource TEXT NOT NULL, operation TEXT NOT NULL,
      type TEXT NOT NULL, kind TEXT NOT NULL, top_level INTEGER NOT NULL, version TEXT NOT NULL,
      UNIQUE (service, resource, operation, env, type, kind, top_level, version)
    ) STRICT;
    INSERT INTO versioned_keys
      SELECT id, env, service, resource, operation, type, kind, top_level, '' FROM keys;
    DROP TABLE keys;
    ALTER TABLE versioned_keys RENAME TO keys;
    """,
  ]
  /// Migrations that a file needs to have seen for its keys to have a version.
  static let migrationsForVersions: Int64 = 2

  /// Makes the tables of a new file, or brings an older one up to date.
  static func migrate(_ database: Database, path: String) throws(StoreError) {
    let version = try database.integer("PRAGMA user_version")
    let application = try database.integer("PRAGMA application_id")
    if application != applicationID {
      let tables = try database.integer("SELECT count(*) FROM sqlite_schema")
      guard application == 0, version == 0, tables == 0 else { throw .foreign(path: path) }
    }
    guard version <= Int64(migrations.count) else { throw .newer(path: path, version: version) }
    guard version < Int64(migrations.count) else { return }
    // Before the first table, or it has no effect: pages that are free can be given back to the file system.
    if version == 0 { try database.execute("PRAGMA auto_vacuum = INCREMENTAL") }
    try database.transaction { () throws(StoreError) in
      for sql in migrations[Int(version)...] { try database.execute(sql) }
      try database.execute("PRAGMA application_id = \(applicationID); PRAGMA user_version = \(migrations.count)")
    }
  }
}
