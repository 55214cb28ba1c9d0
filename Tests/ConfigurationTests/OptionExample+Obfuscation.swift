@testable import Configuration

extension OptionExample {
  static let obfuscation: [OptionExample] =
    [
      row(
        "apm_config.sql_obfuscation_mode", "obfuscate_only", standard: "none",
        refused: ("some", "\"some\" is none of obfuscate_only, obfuscate_and_normalize, normalize_only")),
      row(
        "apm_config.obfuscation.cache.max_size", "1000", standard: "5000000",
        refused: ("-1", "-1 is out of range (0 to 1000000000)")),
    ]
    + [
      "cache.enabled", "redis.enabled", "valkey.enabled", "memcached.enabled", "mongodb.enabled",
      "elasticsearch.enabled", "opensearch.enabled", "credit_cards.enabled", "database_errors.enabled",
    ].map { toggle($0, "false", standard: "true") }
    + [
      "remove_stack_traces", "redis.remove_all_args", "valkey.remove_all_args", "memcached.keep_command",
      "sql_exec_plan.enabled", "sql_exec_plan_normalize.enabled", "http.remove_query_string",
      "http.remove_paths_with_digits", "credit_cards.luhn",
    ].map { toggle($0, "true", standard: "false") }
    + ["mongodb", "elasticsearch", "opensearch", "sql_exec_plan", "sql_exec_plan_normalize"].flatMap { body in
      ["keep_values", "obfuscate_sql_values"].map { keys("\(body).\($0)") }
    } + [keys("credit_cards.keep_values")]

  private static func toggle(_ name: String, _ text: String, standard: String) -> OptionExample {
    row(
      "apm_config.obfuscation.\(name)", text, standard: standard, refused: ("maybe", "\"maybe\" is not true or false"))
  }

  private static func keys(_ name: String) -> OptionExample {
    row("apm_config.obfuscation.\(name)", "a,b", shown: "a, b", standard: "none")
  }
}
