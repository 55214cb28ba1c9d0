/// What is hidden, and how; the defaults are those of the Datadog agent.
package struct ObfuscationOptions: Sendable, Equatable {
  /// How commands of Redis or Valkey are obfuscated.
  package struct Commands: Sendable, Equatable {
    /// Whether values of commands become `?`; names of commands are all that resources keep in any case.
    package var isEnabled = true
    /// Leaves the name of the command only.
    package var removesAllArguments = false

    package init() {}
  }

  /// How statements are rewritten; they always are.
  package var sql = SQLOptions()
  /// Queries, in the tag `mongodb.query`.
  package var mongoDB = JSONBodyOptions(isEnabled: true)
  /// Bodies of requests, in the tag `elasticsearch.body`.
  package var elasticsearch = JSONBodyOptions(isEnabled: true)
  /// Bodies of requests, in the tag `opensearch.body`.
  package var openSearch = JSONBodyOptions(isEnabled: true)
  /// Plans of SQL statements, with what they cost.
  package var sqlPlan = JSONBodyOptions(isEnabled: false)
  /// Plans of SQL statements, without what they cost, so that equal plans are equal.
  package var normalizedSQLPlan = JSONBodyOptions(isEnabled: false)
  /// Commands in the tag `redis.raw_command`.
  package var redis = Commands()
  /// Commands in the tag `valkey.raw_command`.
  package var valkey = Commands()
  /// Whether the tag `memcached.command` is emptied.
  package var memcachedIsEnabled = true
  /// Keeps the command of Memcached without its value, rather than nothing.
  package var memcachedKeepsCommand = false
  /// Whether messages of databases' errors lose what they quote of values and statements.
  package var databaseErrorsAreHidden = true
  /// What is removed of the tag `http.url`.
  package var url = URLOptions()
  /// Whether tags that are card numbers become `?`.
  package var creditCardsAreEnabled = true
  /// A card number has to fit Luhn's checksum, too.
  package var creditCardsNeedChecksum = false
  /// Tags that are not searched for card numbers.
  package var creditCardKeptTags: Set<String> = []
  /// Whether what statements came to is remembered.
  package var remembersStatements = true
  /// Most bytes that remembered statements may take.
  package var cacheBytesMax = 5_000_000

  package init() {}
}
