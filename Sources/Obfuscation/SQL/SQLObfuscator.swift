import TraceModel

/// Obfuscates SQL statements; remembers what those seen before came to.
struct SQLObfuscator: ~Copyable {
  private let options: SQLOptions
  private var cache: StatementCache
  private var tables = SQLTableNames()
  private var cachedTables = GrowableBuffer<UInt8>()
  private var normalized = SQLNormalization.Scratch()
  /// How backslashes in strings were read when a statement was last understood only in one way. Databases differ, and
  /// nothing else tells which one it is.
  private var readsBackslashLiterally = false

  init(_ options: SQLOptions, cacheBytesMax: Int) {
    self.options = options
    cache = StatementCache(bytesMax: cacheBytesMax)
  }

  /// Appends what a statement comes to. Returns false, with nothing appended, for what cannot be read or says nothing.
  mutating func obfuscate(
    _ statement: TextBytes, dialect: SQLDialect, into out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    cachedTables.removeAll()
    if cache.find(statement, dialect: dialect.rawValue, into: &out, tables: &cachedTables) { return true }
    let start = out.count
    tables.removeAll()
    guard rewrite(statement, dialect, into: &out) else {
      out.truncate(to: start)
      return false
    }
    tables.list.bytes(from: 0).append(to: &cachedTables)
    cache.insert(
      statement, dialect: dialect.rawValue, obfuscated: out.bytes(from: start), tables: cachedTables.bytes(from: 0))
    return true
  }

  /// The tables of the statement last obfuscated, separated by commas.
  func appendTableNames(to out: inout GrowableBuffer<UInt8>) {
    cachedTables.bytes(from: 0).append(to: &out)
  }

  /// Bytes that the cache holds.
  var cacheBytes: Int { cache.allocatedBytes }

  private mutating func rewrite(
    _ statement: TextBytes, _ dialect: SQLDialect, into out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    guard options.mode == .classic else {
      return SQLNormalization.rewrite(statement, options, dialect, into: &out, tables: &tables, &normalized)
    }
    let start = out.count
    let isLiteral = readsBackslashLiterally
    var first = ClassicSQL(statement, options, dialect: dialect, readsBackslashLiterally: isLiteral)
    if first.rewrite(into: &out, tables: &tables) { return true }
    guard first.hasSeenBackslash else { return false }
    out.truncate(to: start)
    tables.removeAll()
    var second = ClassicSQL(statement, options, dialect: dialect, readsBackslashLiterally: !isLiteral)
    guard second.rewrite(into: &out, tables: &tables) else { return false }
    readsBackslashLiterally = !isLiteral
    return true
  }
}
