/// How SQL statements are obfuscated.
package struct SQLOptions: Sendable, Equatable {
  /// The way in which a statement is rewritten (`apm_config.sql_obfuscation_mode`).
  package enum Mode: String, Sendable, CaseIterable {
    /// The tokenizer that the agent has always had: literals go, the rest is set in single spaces.
    case classic = ""
    /// Literals go, the layout stays.
    case obfuscateOnly = "obfuscate_only"
    /// Literals go, comments go, lists are collapsed, the rest is set in single spaces.
    case obfuscateAndNormalize = "obfuscate_and_normalize"
    /// Literals stay: for databases whose statements hold no secrets.
    case normalizeOnly = "normalize_only"
  }

  /// The way in which all statements are rewritten.
  package var mode = Mode.classic
  /// Collects the names of tables (feature `table_names`).
  package var collectsTableNames = false
  /// Writes each run of digits in a name as `?`, so that numbered tables count as one.
  package var replacesDigits = false
  /// Keeps `AS alias` in classic mode (feature `keep_sql_alias`); the other modes always keep it.
  package var keepsAlias = false
  /// Obfuscates what stands between `$func$` as a statement of its own (feature `dollar_quoted_func`).
  package var obfuscatesDollarQuotedFunctions = false

  // What follows has no effect in classic mode.

  /// Leaves `NULL` as it is written.
  package var keepsNull = false
  /// Leaves `TRUE` and `FALSE` as they are written.
  package var keepsBoolean = false
  /// Leaves `$1` as it is written.
  package var keepsPositionalParameter = false
  /// Leaves the semicolon at the statement's end.
  package var keepsTrailingSemicolon = false
  /// Leaves the quotes around names.
  package var keepsIdentifierQuotation = false
  /// Writes `f(?)` rather than `f ( ? )`.
  package var removesSpaceBetweenParentheses = false
  /// Leaves what stands behind `->` and the other operators of JSON.
  package var keepsJSONPath = false
  /// Writes `?` for `@name`, and for `:name` of Oracle.
  package var replacesBindParameter = false

  package init() {}
}
