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
    openStatistics + traces,
    // By how much the clock of who sent a chunk is ahead: what starts in the future is listed where it came.
    "ALTER TABLE chunks ADD COLUMN ahead_ns INTEGER NOT NULL DEFAULT 0",
    statisticsSize,
  ]
  /// Migrations that a file needs to have seen for its keys to have a version.
  static let migrationsForVersions: Int64 = 2
  /// Migrations that a file needs to have seen for its chunks to say whose clock is ahead.
  static let migrationsForClocks: Int64 = 4

  /// What buckets have counted that are still open. `bucket`, in ns since 1970, `shard` and `number` tell groups apart.
  private static let openStatistics = """
    CREATE TABLE open_statistics (
      bucket INTEGER NOT NULL, shard INTEGER NOT NULL, number INTEGER NOT NULL, width INTEGER NOT NULL,
      start INTEGER NOT NULL, key INTEGER NOT NULL, hits INTEGER NOT NULL, errors INTEGER NOT NULL,
      duration_ns REAL NOT NULL, max_ns INTEGER NOT NULL, last_end_ns INTEGER NOT NULL, sketch BLOB NOT NULL,
      PRIMARY KEY (bucket, shard, number)
    ) STRICT, WITHOUT ROWID;
    """

  /// What statistics take, roughly, kept up to date by the database itself: they get a share of what there may be.
  private static let statisticsSize = """
    CREATE TABLE statistics_size (bytes INTEGER NOT NULL) STRICT;
    INSERT INTO statistics_size SELECT coalesce(sum(length(sketch) + 60), 0) FROM statistics;
    CREATE TRIGGER statistics_added AFTER INSERT ON statistics BEGIN
      UPDATE statistics_size SET bytes = max(0, min(bytes, 1 << 50)) + length(NEW.sketch) + 60;
    END;
    CREATE TRIGGER statistics_changed AFTER UPDATE OF sketch ON statistics BEGIN
      UPDATE statistics_size SET bytes = max(0, min(bytes, 1 << 50)) + length(NEW.sketch) - length(OLD.sketch);
    END;
    CREATE TRIGGER statistics_removed AFTER DELETE ON statistics BEGIN
      UPDATE statistics_size SET bytes = max(0, min(bytes, 1 << 50)) - length(OLD.sketch) - 60;
    END;
    """

  /// Traces. A segment is what came in an hour, or a sixteenth of what there may be: the oldest goes as a whole, and with it
  /// its table `words_ID`, which has the words of each of its blocks. A block is many chunks that are compressed together:
  /// its first one is `first_chunk`, and its bytes lie in the pieces from `id << 10` on (`PieceCoding`), in several as long
  /// as it grows, and in one when it is sealed. `block_ids` has the upper 32 bits of the lower half of its chunks' trace ids,
  /// and each upper half that they have. A chunk's texts are numbers in `texts`. `trace_high` is the upper half of the id
  /// turned by 32 bits, because most tracers leave 32 bits of it empty. The `start_ns` of blocks are of `PackedChunk.orderNs`.
  private static let traces = """
    CREATE TABLE segments (
      id INTEGER PRIMARY KEY, opened INTEGER NOT NULL, first_block INTEGER NOT NULL, first_chunk INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE texts (
      segment INTEGER NOT NULL, number INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (segment, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE blocks (
      id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, first_chunk INTEGER NOT NULL, chunks INTEGER NOT NULL,
      spans INTEGER NOT NULL, errors INTEGER NOT NULL, base_ns INTEGER NOT NULL, min_start_ns INTEGER NOT NULL,
      max_start_ns INTEGER NOT NULL, is_sealed INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE pieces (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
    CREATE TABLE block_ids (block INTEGER PRIMARY KEY, highs BLOB NOT NULL, lows BLOB NOT NULL) STRICT;
    CREATE TABLE chunks (
      id INTEGER PRIMARY KEY, trace_low INTEGER NOT NULL, trace_high INTEGER NOT NULL, start_ns INTEGER NOT NULL,
      duration_ns INTEGER NOT NULL, service INTEGER NOT NULL, resource INTEGER NOT NULL, operation INTEGER NOT NULL,
      env INTEGER NOT NULL, status INTEGER NOT NULL, errors INTEGER NOT NULL, spans INTEGER NOT NULL,
      priority INTEGER NOT NULL, verdict INTEGER NOT NULL
    ) STRICT;
    CREATE VIEW trace_chunks AS
      SELECT printf('%08x%08x%016x', trace_high & 0xffffffff, trace_high >> 32 & 0xffffffff, trace_low) AS trace_id,
        datetime(start_ns / 1000000000, 'unixepoch') AS start, duration_ns / 1e6 AS duration_ms, s.text AS service,
        r.text AS resource, o.text AS operation, e.text AS env, status, c.spans, c.errors, priority, verdict, c.start_ns
      FROM chunks c
      JOIN segments g ON g.id = (SELECT max(id) FROM segments WHERE first_chunk <= c.id)
      JOIN texts s ON s.segment = g.id AND s.number = c.service
      JOIN texts r ON r.segment = g.id AND r.number = c.resource
      JOIN texts o ON o.segment = g.id AND o.number = c.operation
      JOIN texts e ON e.segment = g.id AND e.number = c.env;
    """

  /// Makes the tables of a new file, or brings an older one up to date.
  static func migrate(_ database: Database, path: String) throws(StoreError) {
    let version = try database.integer("PRAGMA user_version")
    let application = try database.integer("PRAGMA application_id")
    if application != applicationID {
      let tables = try database.integer("SELECT count(*) FROM sqlite_schema")
      guard application == 0, version == 0, tables == 0 else { throw .foreign(path: path) }
    }
    guard version >= 0 else { throw .foreign(path: path) }
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
