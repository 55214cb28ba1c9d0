import CSQLite

/// A connection to an SQLite file. Used by one thread at a time; closed with this object.
final class Database {
  /// How a file is opened.
  enum Mode {
    /// Made where it is missing.
    case readWrite
    case readOnly

    fileprivate var flags: Int32 {
      switch self {
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    }
  }

  /// How long a statement waits for another connection's transaction, in milliseconds.
  private static let busyMs: Int32 = 2_000
  /// The same in memory, where readers and the writer wait for each other: longer than a search may take.
  private static let busyInMemoryMs: Int32 = 10_000

  private let library: SQLiteLibrary
  private let handle: OpaquePointer
  fileprivate var functions: sqlite_functions { library.functions }

  init(_ location: StoreLocation, _ mode: Mode, library: SQLiteLibrary) throws(StoreError) {
    var opened: OpaquePointer?
    let (path, flags, busyMs): (String, Int32, Int32) =
      switch location {
      case .file(let path): (path, 0, Self.busyMs)
      // A name that begins with a slash is shared by all connections of the process.
      case .memory(let number): ("file:/roost-\(number)?vfs=memdb", SQLITE_OPEN_URI, Self.busyInMemoryMs)
      }
    let code = library.functions.open_v2(path, &opened, mode.flags | flags | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let reason = library.functions.errmsg(opened).map { String(cString: $0) } ?? "error \(code)"
      _ = library.functions.close_v2(opened)
      throw .unusable(path: "\(location)", reason: reason)
    }
    self.library = library
    handle = opened
    _ = functions.extended_result_codes(handle, 1)
    _ = functions.busy_timeout(handle, busyMs)
  }

  deinit { _ = library.functions.close_v2(handle) }

  /// Runs statements that return nothing of interest.
  func execute(_ sql: String) throws(StoreError) {
    try check(functions.exec(handle, sql, nil, nil, nil))
  }

  /// A statement that can be run again and again.
  func prepare(_ sql: String) throws(StoreError) -> Statement {
    var prepared: OpaquePointer?
    try check(functions.prepare_v2(handle, sql, -1, &prepared, nil))
    guard let prepared else { throw .failed(reason: "an empty statement") }
    return Statement(prepared, self)
  }

  /// The first column of the first row; 0 where there is none.
  func integer(_ sql: String) throws(StoreError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// Runs `body` so that all of it happens or nothing.
  func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
    try execute("BEGIN IMMEDIATE")
    do throws(StoreError) {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // A full disk may have rolled back already; then this fails, and says nothing new.
      try? execute("ROLLBACK")
      throw error
    }
  }

  /// Rows that the last statement inserted, changed or deleted.
  var changes: Int { Int(functions.changes(handle)) }

  /// Gives back what caches hold.
  func releaseMemory() { _ = functions.db_release_memory(handle) }

  fileprivate func check(_ code: Int32) throws(StoreError) {
    guard code != SQLITE_OK else { return }
    let text = functions.errmsg(handle).map { String(cString: $0) } ?? ""
    let reason = "\(text) (SQLite \(code))"
    // Extended codes say more in their upper bits.
    throw code & 0xFF == SQLITE_BUSY ? .busy(reason: reason) : .failed(reason: reason)
  }
}

/// A prepared statement: bind its parameters, step through its rows, and it begins anew. Columns and parameters are
/// counted from 0.
final class Statement {
  private let handle: OpaquePointer
  private let database: Database
  private var functions: sqlite_functions { database.functions }

  fileprivate init(_ handle: OpaquePointer, _ database: Database) {
    self.handle = handle
    self.database = database
  }

  deinit { _ = database.functions.finalize(handle) }

  func bind(_ index: Int32, _ value: Int64) throws(StoreError) {
    try database.check(functions.bind_int64(handle, index + 1, value))
  }

  func bind(_ index: Int32, _ value: Double) throws(StoreError) {
    try database.check(functions.bind_double(handle, index + 1, value))
  }

  func bind(_ index: Int32, _ value: String) throws(StoreError) {
    var value = value
    let functions = functions
    let code = value.withUTF8 { bytes in
      // A null pointer would bind NULL.
      let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      return functions.bind_text(handle, index + 1, start ?? emptyText, Int32(clamping: bytes.count), sqlite_copied())
    }
    try database.check(code)
  }

  func bind(_ index: Int32, _ value: [UInt8]) throws(StoreError) {
    let functions = functions
    let code = value.withUnsafeBytes { bytes in
      functions.bind_blob(
        handle, index + 1, bytes.baseAddress ?? UnsafeRawPointer(emptyText), Int32(clamping: bytes.count),
        sqlite_copied())
    }
    try database.check(code)
  }

  /// Binds bytes as a text, whether or not they are UTF-8.
  func bind(_ index: Int32, text bytes: UnsafeRawBufferPointer) throws(StoreError) {
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptyText
    try database.check(functions.bind_text(handle, index + 1, start, Int32(clamping: bytes.count), sqlite_copied()))
  }

  /// Goes to the next row; false when there is no other, and the statement can be used again.
  func step() throws(StoreError) -> Bool {
    switch functions.step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      _ = functions.reset(handle)
      return false
    case let code:
      _ = functions.reset(handle)
      try database.check(code)
      return false
    }
  }

  /// Runs a statement without rows to its end.
  func run() throws(StoreError) {
    while try step() {}
  }

  /// Ends before the last row; parameters stay.
  func reset() { _ = functions.reset(handle) }

  func integer(_ column: Int32) -> Int64 { functions.column_int64(handle, column) }

  func real(_ column: Int32) -> Double { functions.column_double(handle, column) }

  /// A text of the row, with broken UTF-8 repaired.
  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { [UInt8]($0) } }

  /// Lends the bytes of a column, which are gone with the row.
  func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    // In this order: asking for the bytes first could convert the value under their count.
    guard let start = functions.column_blob(handle, column) else {
      return body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
    return body(UnsafeRawBufferPointer(start: start, count: Int(functions.column_bytes(handle, column))))
  }
}

private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
  let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
  byte.initialize(to: 0)
  return UnsafePointer(byte)
}()

extension ArraySlice<UInt8> {
  /// Lends its bytes to a function that may fail.
  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let result = withUnsafeBytes { bytes in
      do throws(StoreError) { return Swift.Result<Result, StoreError>.success(try body(bytes)) } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
