import Platform

/// The database of a store: opened for writing by one agent at a time, and for reading by whoever may read the file.
struct StoreFile {
  /// Memory for pages, KiB. SQLite's own default is four times as much.
  private static let cacheKiB = 512

  let path: String
  let database: Database
  /// Held as long as this agent writes.
  private let lock: Int32

  /// Opens the file for the agent, which makes it and its folder where they are missing.
  static func openForWriting(_ path: String) throws(StoreError) -> StoreFile {
    let library = try SQLiteLibrary()
    try makeFolder(of: path)
    let lock = try Self.lock(path)
    do throws(StoreError) {
      return StoreFile(path: path, database: try prepared(path, library), lock: lock)
    } catch {
      close(lock)
      throw error
    }
  }

  /// Opens a file that an agent has made, and changes nothing in it.
  static func openForReading(_ path: String) throws(StoreError) -> Database {
    let database = try Database(path, .readOnly, library: SQLiteLibrary())
    guard try database.integer("PRAGMA application_id") == StoreSchema.applicationID else {
      throw .foreign(path: path)
    }
    let version = try database.integer("PRAGMA user_version")
    guard version <= Int64(StoreSchema.migrations.count) else { throw .newer(path: path, version: version) }
    return database
  }

  /// Lets another agent have the file. The database is closed with its object.
  func unlock() { close(lock) }

  private static func prepared(_ path: String, _ library: SQLiteLibrary) throws(StoreError) -> Database {
    let database = try Database(path, .readWrite, library: library)
    do throws(StoreError) {
      try StoreSchema.migrate(database, path: path)
      // Readers do not wait for the writer, and a crash costs the last transactions at most, never the file.
      try database.execute(
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(cacheKiB);
        PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 4194304
        """)
    } catch {
      if case .failed(let reason) = error { throw .unusable(path: path, reason: reason) }
      throw error
    }
    return database
  }

  /// For the owner alone: what is stored may be confidential.
  private static func makeFolder(of path: String) throws(StoreError) {
    var folders: [String] = []
    var folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
    while !folder.isEmpty {
      var facts = stat()
      if stat(String(folder), &facts) == 0 { break }
      folders.append(String(folder))
      folder = folder.prefix(upTo: folder.lastIndex(of: "/") ?? folder.startIndex)
    }
    for folder in folders.reversed() where mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw .unusable(path: folder, reason: systemErrorText(errno))
    }
  }

  /// A file beside the database, because closing any descriptor of the database itself would lose SQLite's own locks.
  private static func lock(_ path: String) throws(StoreError) -> Int32 {
    let lock = open(path + "-lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw .unusable(path: path, reason: systemErrorText(errno)) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(lock)
      throw code == EWOULDBLOCK ? .inUse(path: path) : .unusable(path: path, reason: systemErrorText(code))
    }
    // Made with the owner's rights before SQLite would make it with everybody's.
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      let code = errno
      close(lock)
      throw .unusable(path: path, reason: systemErrorText(code))
    }
    close(file)
    return lock
  }
}
