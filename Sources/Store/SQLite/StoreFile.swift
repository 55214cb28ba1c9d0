import Platform

/// The database of a store: opened for writing by one agent at a time, and for reading by whoever may read it.
struct StoreFile {
  /// Memory for pages, KiB. SQLite's own default is four times as much.
  private static let cacheKiB = 512

  let location: StoreLocation
  let database: Database
  /// Held as long as this agent writes; `nil` in memory.
  private let lock: Int32?

  /// Opens the database for the agent, which makes the file and its folder where they are missing.
  static func openForWriting(_ location: StoreLocation) throws(StoreError) -> StoreFile {
    let library = try SQLiteLibrary()
    guard case .file(let path) = location else {
      return StoreFile(location: location, database: try prepared(location, library), lock: nil)
    }
    try makeFolder(of: path)
    let lock = try Self.lock(path)
    do throws(StoreError) {
      return StoreFile(location: location, database: try prepared(location, library), lock: lock)
    } catch {
      close(lock)
      throw error
    }
  }

  /// Opens what an agent has made, and changes nothing in it.
  static func openForReading(_ location: StoreLocation) throws(StoreError) -> Database {
    let database = try Database(location, .readOnly, library: SQLiteLibrary())
    guard try database.integer("PRAGMA application_id") == StoreSchema.applicationID else {
      throw .foreign(path: "\(location)")
    }
    let version = try database.integer("PRAGMA user_version")
    guard version >= 0 else { throw .foreign(path: "\(location)") }
    guard version <= Int64(StoreSchema.migrations.count) else {
      throw .newer(path: "\(location)", version: version)
    }
    return database
  }

  /// Bounds the journal that is beside the database: it is emptied when it has about so many bytes, and cut to that.
  func limitJournal(bytes: Int64) throws(StoreError) {
    guard bytes > 0 else { return }
    let pages = try max(16, bytes / max(512, database.integer("PRAGMA page_size")))
    try database.execute("PRAGMA journal_size_limit = \(bytes); PRAGMA wal_autocheckpoint = \(min(pages, 1_000))")
  }

  /// Lets another agent have the file. The database is closed with its object.
  func unlock() { if let lock { close(lock) } }

  private static func prepared(_ location: StoreLocation, _ library: SQLiteLibrary) throws(StoreError) -> Database {
    let database = try Database(location, .readWrite, library: library)
    do throws(StoreError) {
      try StoreSchema.migrate(database, path: "\(location)")
      if case .file(let path) = location { restrict(path) }
      // In a file, readers and the writer do not wait for each other, and a crash costs the last transactions at most,
      // never the file. In memory there is no such journal: there they wait.
      try database.execute(
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(cacheKiB);
        PRAGMA temp_store = MEMORY
        """)
    } catch {
      switch error {
      case .busy(let reason), .failed(let reason): throw .unusable(path: "\(location)", reason: reason)
      default: throw error
      }
    }
    return database
  }

  /// Takes the rights of others from a database that was there already. By name, because closing a descriptor of it would
  /// lose SQLite's locks.
  private static func restrict(_ path: String) {
    for file in [path, path + "-wal", path + "-shm"] { _ = chmod(file, 0o600) }
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
