import Configuration
import JSON
import Obfuscation
import Patterns

/// What tracers learn of the rules that their traces meet, in the names of Datadog's trace-agent.
extension InfoDocument {
  /// What becomes of traces by rules; tracers count nothing that would be dropped here.
  static func filters(_ configuration: AgentConfiguration) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = []
    func add(_ name: String, require: [String], reject: [String]) {
      let lists = [("require", require), ("reject", reject)].filter { !$0.1.isEmpty }
      if !lists.isEmpty { members.append((name, .object(lists.map { ($0.0, texts($0.1)) }))) }
    }
    add("filter_tags", require: configuration.filterTagsRequire, reject: configuration.filterTagsReject)
    add(
      "filter_tags_regex", require: configuration.filterTagsRegexRequire.map(\.text),
      reject: configuration.filterTagsRegexReject.map(\.text))
    if !configuration.ignoreResources.isEmpty {
      members.append(("ignore_resources", texts(configuration.ignoreResources.map(\.text))))
    }
    return members
  }

  /// Which obfuscation tracers may do themselves in the statistics that they compute: 1 is that of statements with the usual
  /// settings, 2 is none that a tracer has.
  static func obfuscationVersion(_ configuration: AgentConfiguration) -> Int64 {
    configuration.obfuscationInForce.sql == SQLOptions() ? 1 : 2
  }

  /// The rates of spans that are analytics events, by service and operation.
  static func analyzedSpans(_ configuration: AgentConfiguration) -> JSONValue {
    var services: [(name: String, operations: [(String, JSONValue)])] = []
    for entry in configuration.analyzedSpans {
      guard let operation = entry.operation else { continue }
      let place = services.firstIndex { $0.name == entry.service } ?? services.endIndex
      if place == services.endIndex { services.append((entry.service, [])) }
      services[place].operations.append((operation, .double(entry.rate)))
    }
    return .object(services.map { ($0.name, .object($0.operations)) })
  }

  /// How spans are obfuscated, and what is replaced in them.
  static func obfuscation(_ configuration: AgentConfiguration) -> JSONValue {
    let options = configuration.obfuscationInForce
    let rules = configuration.replaceRules.map { rule in
      JSONValue.object([
        ("name", .string(rule.name)), ("pattern", .string(rule.pattern.text)), ("repl", .string(rule.replacement.text)),
      ])
    }
    return .object([
      ("elastic_search", .bool(options.elasticsearch.isEnabled)),
      ("mongo", .bool(options.mongoDB.isEnabled)),
      ("sql_exec_plan", .bool(options.sqlPlan.isEnabled)),
      ("sql_exec_plan_normalize", .bool(options.normalizedSQLPlan.isEnabled)),
      ("sql_obfuscation_mode", .string(options.sql.mode.rawValue)),
      ("tag_replace_rules", .array(rules)),
      (
        "http",
        .object([
          ("remove_query_string", .bool(options.url.removesQueryString)),
          ("remove_path_digits", .bool(options.url.removesPathsWithDigits)),
        ])
      ),
      ("remove_stack_traces", .bool(configuration.removesStackTraces)),
      ("redis", commands(options.redis)),
      ("valkey", commands(options.valkey)),
      (
        "memcached",
        .object([
          ("enabled", .bool(options.memcachedIsEnabled)), ("keep_command", .bool(options.memcachedKeepsCommand)),
        ])
      ),
      (
        "credit_cards",
        .object([
          ("enabled", .bool(options.creditCardsAreEnabled)), ("luhn", .bool(options.creditCardsNeedChecksum)),
          ("keep_values", texts(options.creditCardKeptTags.sorted())),
        ])
      ),
      ("sql", sql(options.sql)),
      ("elasticsearch", body(options.elasticsearch)),
      ("opensearch", body(options.openSearch)),
      ("mongodb", body(options.mongoDB)),
    ])
  }

  private static func sql(_ options: SQLOptions) -> JSONValue {
    .object([
      ("replace_digits", .bool(options.replacesDigits)),
      ("keep_sql_alias", .bool(options.keepsAlias)),
      ("dollar_quoted_func", .bool(options.obfuscatesDollarQuotedFunctions)),
      ("keep_null", .bool(options.keepsNull)),
      ("keep_boolean", .bool(options.keepsBoolean)),
      ("keep_positional_parameter", .bool(options.keepsPositionalParameter)),
      ("keep_trailing_semicolon", .bool(options.keepsTrailingSemicolon)),
      ("keep_identifier_quotation", .bool(options.keepsIdentifierQuotation)),
      ("replace_bind_parameter", .bool(options.replacesBindParameter)),
      ("remove_space_between_parentheses", .bool(options.removesSpaceBetweenParentheses)),
      ("keep_json_path", .bool(options.keepsJSONPath)),
      ("obfuscation_mode", .string(options.mode.rawValue)),
    ])
  }

  private static func commands(_ options: ObfuscationOptions.Commands) -> JSONValue {
    .object([("enabled", .bool(options.isEnabled)), ("remove_all_args", .bool(options.removesAllArguments))])
  }

  private static func body(_ options: JSONBodyOptions) -> JSONValue {
    .object([("enabled", .bool(options.isEnabled)), ("keep_keys", texts(options.keptKeys.sorted()))])
  }

  private static func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
}
