import Obfuscation

extension OptionTable {
  /// What is hidden of the data that spans carry.
  static let obfuscation: [ConfigurationOption] = sql + commands + bodies + urlsAndCards

  private static func option(
    _ name: String, _ slot: OptionSlot, summary: String, meaning: String
  ) -> ConfigurationOption {
    let variable = "DD_APM_OBFUSCATION_" + name.uppercased().replacing(".", with: "_")
    return ConfigurationOption(
      "apm_config.obfuscation.\(name)", .obfuscation, slot, variables: [variable], summary: summary, meaning: meaning)
  }

  private static let sql: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.sql_obfuscation_mode", .obfuscation, .sqlMode(\.obfuscation.sql.mode),
      variables: ["DD_APM_SQL_OBFUSCATION_MODE"],
      summary: "how SQL statements are rewritten",
      meaning: """
        Without it literals become `?`, lists of them one `?`, comments and aliases go, and the rest is set in single \
        spaces. `obfuscate_only` replaces literals and keeps the layout; `obfuscate_and_normalize` collapses lists and \
        blanks, too; `normalize_only` keeps literals: choose it only where statements hold no secrets. The features \
        `table_names`, `keep_sql_alias`, `dollar_quoted_func`, `quantize_sql_tables` and `sqllexer` \
        (`apm_config.features`) are those of the Datadog agent.
        """),
    option(
      "cache.enabled", .boolean(\.obfuscation.remembersStatements),
      summary: "remember what SQL statements came to",
      meaning: "A statement seen before costs a tenth of a new one."),
    option(
      "cache.max_size", .integer(\.obfuscation.cacheBytesMax, 0...1_000_000_000, .bytes),
      summary: "memory for remembered SQL statements",
      meaning: "All receiving threads share it out. Statements that were not seen for longest are forgotten first."),
    option(
      "remove_stack_traces", .boolean(\.removesStackTraces),
      summary: "replace the stack traces of errors by ?",
      meaning: """
        The tag `error.stack` of every span. Messages of errors (`error.message`) stay, but for what \
        `database_errors.enabled` hides of them.
        """),
    ConfigurationOption(
      "apm_config.obfuscation.database_errors.enabled", .obfuscation, .boolean(\.obfuscation.databaseErrorsAreHidden),
      variables: ["DD_APM_OBFUSCATION_DATABASE_ERRORS_ENABLED"], isOwn: true,
      summary: "hide data in messages of databases' errors",
      meaning: """
        Databases quote values and statements: `Key (email)=(x@y) already exists`, `LINE 1: SELECT …`, `near '…'`. \
        They become `?` in `error.message`, `error.stack` and events of exceptions, on spans of databases and wherever \
        else the error's type or words tell that it is a database's; names of tables, columns and constraints stay. \
        The Datadog agent leaves them as they are.
        """),
  ]

  private static let commands: [ConfigurationOption] = [
    option(
      "redis.enabled", .boolean(\.obfuscation.redis.isEnabled),
      summary: "hide values in Redis commands",
      meaning: """
        The tag `redis.raw_command` of spans of type `redis`: keys stay, values become `?`. The resource is reduced to \
        the names of the commands in any case.
        """),
    option(
      "redis.remove_all_args", .boolean(\.obfuscation.redis.removesAllArguments),
      summary: "hide all arguments of Redis commands",
      meaning: "Keys, too: `SET user:42 Alice` becomes `SET ?`."),
    option(
      "valkey.enabled", .boolean(\.obfuscation.valkey.isEnabled),
      summary: "hide values in Valkey commands",
      meaning: "As `redis.enabled`, for the tag `valkey.raw_command` of spans of type `valkey`."),
    option(
      "valkey.remove_all_args", .boolean(\.obfuscation.valkey.removesAllArguments),
      summary: "hide all arguments of Valkey commands",
      meaning: "As `redis.remove_all_args`."),
    option(
      "memcached.enabled", .boolean(\.obfuscation.memcachedIsEnabled),
      summary: "hide Memcached commands",
      meaning: "Empties the tag `memcached.command` of spans of type `memcached`."),
    option(
      "memcached.keep_command", .boolean(\.obfuscation.memcachedKeepsCommand),
      summary: "keep Memcached commands without values",
      meaning: "Only what stands behind the first line, the value, goes."),
  ]

  private static let bodies: [ConfigurationOption] =
    body(
      "mongodb", \.obfuscation.mongoDB.isEnabled, \.obfuscation.mongoDB.keptKeys, \.obfuscation.mongoDB.sqlKeys,
      what: "MongoDB queries", where: "The tag `mongodb.query` of spans of type `mongodb`")
    + body(
      "elasticsearch", \.obfuscation.elasticsearch.isEnabled, \.obfuscation.elasticsearch.keptKeys,
      \.obfuscation.elasticsearch.sqlKeys, what: "Elasticsearch bodies",
      where: "The tag `elasticsearch.body` of spans of type `elasticsearch` or `opensearch`")
    + body(
      "opensearch", \.obfuscation.openSearch.isEnabled, \.obfuscation.openSearch.keptKeys,
      \.obfuscation.openSearch.sqlKeys, what: "OpenSearch bodies",
      where: "The tag `opensearch.body` of spans of type `elasticsearch` or `opensearch`")
    + body(
      "sql_exec_plan", \.obfuscation.sqlPlan.isEnabled, \.obfuscation.sqlPlan.keptKeys, \.obfuscation.sqlPlan.sqlKeys,
      what: "plans of SQL statements", where: "No span carries plans; `roost obfuscate sql_exec_plan` shows the rules")
    + body(
      "sql_exec_plan_normalize", \.obfuscation.normalizedSQLPlan.isEnabled, \.obfuscation.normalizedSQLPlan.keptKeys,
      \.obfuscation.normalizedSQLPlan.sqlKeys, what: "plans of SQL statements, with their estimates",
      where: "No span carries plans; `roost obfuscate sql_exec_plan_normalize` shows the rules")

  private static func body(
    _ name: String, _ isEnabled: SettingPath<Bool>, _ keptKeys: SettingPath<Set<String>>,
    _ sqlKeys: SettingPath<Set<String>>, what: String, where place: String
  ) -> [ConfigurationOption] {
    [
      option(
        "\(name).enabled", .boolean(isEnabled), summary: "hide values in \(what)",
        meaning: "\(place). The values become `\"?\"`, the keys stay."),
      option(
        "\(name).keep_values", .set(keptKeys, .either), summary: "keys whose values are kept in \(what)",
        meaning: "With all that is nested in them."),
      option(
        "\(name).obfuscate_sql_values", .set(sqlKeys, .either), summary: "keys whose values are SQL in \(what)",
        meaning: "Their texts are obfuscated as SQL rather than replaced."),
    ]
  }

  private static let urlsAndCards: [ConfigurationOption] = [
    option(
      "http.remove_query_string", .boolean(\.obfuscation.url.removesQueryString),
      summary: "cut queries off URLs",
      meaning: """
        The tag `http.url` of spans of type `web` or `http`; the `?` stays. User and password are removed from it in any \
        case.
        """),
    option(
      "http.remove_paths_with_digits", .boolean(\.obfuscation.url.removesPathsWithDigits),
      summary: "hide parts of paths that hold a digit",
      meaning: "`/users/42/cart` becomes `/users/?/cart`."),
    option(
      "credit_cards.enabled", .boolean(\.obfuscation.creditCardsAreEnabled),
      summary: "replace card numbers by ?",
      meaning: """
        Every tag whose whole value is 12 to 16 digits that begin as an issuer's cards do, and the same in attributes of \
        span events. Other long numbers can look so, such as those of orders: `luhn` and `keep_values` spare them.
        """),
    option(
      "credit_cards.luhn", .boolean(\.obfuscation.creditCardsNeedChecksum),
      summary: "replace only numbers with a card's checksum",
      meaning: "Nine of ten other numbers do not have it."),
    option(
      "credit_cards.keep_values", .set(\.obfuscation.creditCardKeptTags, .either),
      summary: "tags that are not searched for card numbers",
      meaning: "Names of tags whose long numbers are known to be no cards."),
  ]
}
