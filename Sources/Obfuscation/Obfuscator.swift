import TraceModel

/// Hides what spans carry of an application's data: literals of SQL, values of JSON, arguments of Redis, card numbers.
///
/// Each function appends to a buffer of the caller and keeps its working memory for the next call, so that nothing is
/// allocated in the long run. What it is given must not lie in that buffer. It is used by one thread at a time. All of them
/// are mutating, whether or not they change anything: lent to a function that is not mutating, all its 760 bytes would be
/// copied.
package struct Obfuscator: ~Copyable {
  /// How a key-value store's commands are obfuscated.
  package enum CommandStore { case redis, valkey }
  /// What a JSON body belongs to.
  package enum JSONBody: CaseIterable { case mongoDB, elasticsearch, openSearch, sqlPlan, normalizedSQLPlan }

  /// What stands in the place of a statement that cannot be read, as the Datadog agent writes it.
  package static let unreadableStatement: StaticString = "Non-parsable SQL query"

  /// What it was made with; whoever calls looks here whether a kind of text is to be obfuscated.
  package let options: ObfuscationOptions
  private let cardTags: CardTags
  private var statements: SQLObfuscator
  private var urls: URLObfuscator
  private var mongoDB: JSONBodyObfuscator
  private var elasticsearch: JSONBodyObfuscator
  private var openSearch: JSONBodyObfuscator

  package init(_ options: ObfuscationOptions) {
    self.options = options
    cardTags = CardTags(keeping: options.creditCardKeptTags.sorted())
    statements = SQLObfuscator(options.sql, cacheBytesMax: options.remembersStatements ? options.cacheBytesMax : 0)
    urls = URLObfuscator(options.url)
    mongoDB = JSONBodyObfuscator(options.mongoDB)
    elasticsearch = JSONBodyObfuscator(options.elasticsearch)
    openSearch = JSONBodyObfuscator(options.openSearch)
  }

  /// Appends a statement without its literals. Returns false, with nothing appended, for what cannot be read as SQL or
  /// says nothing; `unreadableStatement` then stands for it.
  package mutating func appendSQL(
    _ statement: TextBytes, dialect: SQLDialect, to out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    statements.obfuscate(statement, dialect: dialect, into: &out)
  }

  /// Appends the tables of the statement last given, separated by commas; nothing unless the options ask for them.
  package mutating func appendTableNames(to out: inout GrowableBuffer<UInt8>) {
    statements.appendTableNames(to: &out)
  }

  /// Appends the names of the first commands, for the resource of a span of Redis or Valkey.
  package mutating func appendCommandNames(_ commands: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    RedisQuantizer.quantize(commands, into: &out)
  }

  /// Appends the commands without the application's data in them.
  /// - Parameter size: what the tracer says of how much the text holds.
  package mutating func appendCommands(
    _ commands: TextBytes, of store: CommandStore, size: CommandSize = .unknown, to out: inout GrowableBuffer<UInt8>
  ) {
    let removesAll = (store == .redis ? options.redis : options.valkey).removesAllArguments
    if removesAll {
      RedisObfuscator.removeArguments(commands, into: &out)
    } else {
      RedisObfuscator.obfuscate(commands, size, into: &out)
    }
  }

  /// Appends what the options leave of a Memcached command; by default nothing.
  package mutating func appendMemcached(_ command: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    if options.memcachedKeepsCommand { MemcachedCommand.withoutValue(command, into: &out) }
  }

  /// Appends the message of an error, or a stack trace that holds one, without the data that databases quote in theirs.
  package mutating func appendErrorText(_ text: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    DatabaseErrorText.append(text, to: &out)
  }

  /// Appends a span's events as JSON, and of the exceptions among them the texts without the data that databases quote.
  /// Returns false, with nothing appended, where there is nothing to hide.
  /// - Parameter isOfDatabase: they are known to be a database's; otherwise their types and words tell.
  package mutating func appendTaggedEvents(
    _ json: TextBytes, isOfDatabase: Bool, to out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    TaggedEventTexts.append(json, isOfDatabase: isOfDatabase, to: &out)
  }

  /// Whether an error's type is that of a database or of a library for one: `psycopg.errors.UniqueViolation`.
  package static func isDatabaseError(type: TextBytes) -> Bool { DatabaseErrorPhrases.nameDatabase(type) }

  /// Whether a message or a stack trace holds a phrase by which databases announce data.
  package static func mayQuoteDatabase(_ text: TextBytes) -> Bool { DatabaseErrorPhrases.areIn(text) }

  /// Appends a URL without user, password and what the options remove.
  package mutating func appendURL(_ url: TextBytes, to out: inout GrowableBuffer<UInt8>) {
    urls.obfuscate(url, into: &out)
  }

  /// Appends JSON with its values replaced, whether or not the options enable it.
  package mutating func appendJSON(_ text: TextBytes, of body: JSONBody, to out: inout GrowableBuffer<UInt8>) {
    switch body {
    case .mongoDB: mongoDB.obfuscate(text, sql: &statements, into: &out)
    case .elasticsearch: elasticsearch.obfuscate(text, sql: &statements, into: &out)
    case .openSearch: openSearch.obfuscate(text, sql: &statements, into: &out)
    case .sqlPlan, .normalizedSQLPlan:
      // No span holds a plan, so the long lists of their keys are made for the one who asks.
      let isNormalized = body == .normalizedSQLPlan
      var plan = JSONBodyObfuscator(
        SQLPlanKeys.completed(isNormalized ? options.normalizedSQLPlan : options.sqlPlan, isNormalized: isNormalized))
      plan.obfuscate(text, sql: &statements, into: &out)
    }
  }

  /// Whether a tag's value is a card number, and the tag not known to hold something else.
  @inline(__always) package mutating func isCardNumber(key: TextBytes, value: TextBytes) -> Bool {
    CardNumber.mayBegin(value) && CardNumber.matches(value, checksum: options.creditCardsNeedChecksum)
      && mayHoldCard(key: key)
  }

  /// Whether a tag's value is hidden where it is a card number.
  package func mayHoldCard(key: TextBytes) -> Bool {
    options.creditCardsAreEnabled && key[0] != UInt8(ascii: "_") && cardTags.mayHoldCard(key)
  }

  /// Bytes that remembered statements take.
  package var cacheBytes: Int { statements.cacheBytes }
}
