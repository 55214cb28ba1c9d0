import TraceModel

/// Obfuscates SQL statements; remembers what those seen before came to.
struct SQLObfuscator: ~Copyable {
  private let options: SQLOptions
  private var cache: StatementCache
  private var tables = SQLTableNames()
  private var cachedTables = GrowableBuffer<UInt8>()
  private var normalized = SQLNormalization.Scratch()
  init(_ options: SQLOptions, cacheBytesMax: Int) {
    self.options = options
    cache = StatementCache(bytesMax: cacheBytesMax)
  }

  /// Appends what a statement comes to. Returns false, with nothing appended, for what cannot be read or says nothing.
  mutating func obfuscate(
    _ statement: TextBytes, dialect: SQLDialect, into out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    cachedTables.removeAll()
    let start = out.count
    // Of a statement that cannot be read nothing is what is remembered.
    if cache.find(statement, dialect: dialect.rawValue, into: &out, tables: &cachedTables) { return out.count > start }
    tables.removeAll()
    let isRead = rewrite(statement, dialect, into: &out)
    if !isRead {
      out.truncate(to: start)
      tables.removeAll()
    }
    tables.list.bytes(from: 0).append(to: &cachedTables)
    cache.insert(
      statement, dialect: dialect.rawValue, obfuscated: out.bytes(from: start), tables: cachedTables.bytes(from: 0))
    return isRead
  }

  /// The tables of the statement last obfuscated, separated by commas.
  func appendTableNames(to out: inout GrowableBuffer<UInt8>) {
    cachedTables.bytes(from: 0).append(to: &out)
  }

  /// Bytes that the cache holds.
  var cacheBytes: Int { cache.allocatedBytes }

  /// Reads backslashes as the dialect has them. Where nothing tells, the way is right in which the statement can be read;
  /// when it can be read in both and says different things, either could take a literal for a name.
  private mutating func rewrite(
    _ statement: TextBytes, _ dialect: SQLDialect, into out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    let start = out.count
    let isLiteral = dialect.backslash == .isLiteral
    let first = read(statement, dialect, literally: isLiteral, into: &out)
    guard dialect.backslash == .unknown, first.isAmbiguous else {
      guard !first.isWhole, options.mode == .obfuscateOnly || options.mode == .obfuscateAndNormalize else {
        return first.isWritten
      }
      out.truncate(to: start)
      tables.removeAll()
      return read(statement, dialect, literally: isLiteral, endsAtFirstString: true, into: &out).isWritten
    }
    let middle = out.count
    if first.isWhole {
      let second = read(statement, dialect, literally: true, into: &out)
      defer { out.truncate(to: middle) }
      return !second.isWhole || out.bytes(from: start).part(0, middle - start).isEqual(to: out.bytes(from: middle))
    }
    out.truncate(to: start)
    tables.removeAll()
    let second = read(statement, dialect, literally: true, into: &out)
    return second.isWhole && second.isWritten
  }

  /// What came of reading a statement in one way.
  private struct Reading {
    /// Something was written that can stand for the statement.
    var isWritten: Bool
    /// Nothing was without its end or else wrong.
    var isWhole: Bool
    /// Read in the other way, strings would end elsewhere.
    var isAmbiguous: Bool
  }

  private mutating func read(
    _ statement: TextBytes, _ dialect: SQLDialect, literally: Bool, endsAtFirstString: Bool = false,
    into out: inout GrowableBuffer<UInt8>
  ) -> Reading {
    if options.mode == .classic {
      var reader = ClassicSQL(statement, options, dialect: dialect, readsBackslashLiterally: literally)
      let isRead = reader.rewrite(into: &out, tables: &tables)
      return Reading(isWritten: isRead, isWhole: isRead, isAmbiguous: reader.meetsEscapedQuote)
    }
    var lexer = SQLLexer(statement, dialect: dialect, readsBackslashLiterally: literally)
    lexer.endsAtFirstString = endsAtFirstString
    var reader = SQLNormalization(lexer, options)
    let isWritten = reader.rewrite(into: &out, tables: &tables, &normalized)
    return Reading(isWritten: isWritten, isWhole: reader.isWhole, isAmbiguous: reader.meetsEscapedQuote)
  }
}
