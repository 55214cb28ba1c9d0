import Foundation
import TestFixtures
import Testing

@testable import Obfuscation

@Suite struct `SQL as Datadog's agents obfuscate it` {
  @Test func `comes out as in their tables`() throws {
    let groups = try VectorGroup.all("sql")
    let newer = Set(groups.filter { !$0.isOld }.flatMap { $0.pairs.map(\.input) })
    var count = 0
    for group in groups {
      let dialect = try #require(Self.dialects[group.fields["dbms"] as? String ?? "Generic"])
      let obfuscator = TextObfuscator(SQLVector.options(group.config))
      for (input, expected) in group.pairs {
        // Where the sources disagree the newer one is right: `firstname = ""` is an assignment of a text.
        if group.isOld, newer.contains(input) { continue }
        // A statement of nothing but blanks is none; what stands for it is up to whoever asked.
        #expect((obfuscator.sql(input, dialect) ?? "") == expected, "\(group.config) \(input)")
        count += 1
      }
    }
    #expect(count > 180)
  }

  private static let dialects: [String: SQLDialect] = [
    "Generic": .generic, "Mssql": .sqlServer, "Postgresql": .postgreSQL,
  ]

  @Test func `comes out as in their single tests`() throws {
    for fields in try Fixtures.vectors("sql_single_asserts") {
      let texts = try #require(fields["strings_in_order(input then expected)"] as? [String])
        .filter { !$0.contains("{got") && !$0.contains("{raw") }
      try #require(texts.count == 2)
      let obfuscator = TextObfuscator(SQLVector.options(fields["config"] as? [String: Any] ?? [:]))
      let isPostgreSQL = fields["test"] as? String == "test_pg_json_operators_7"
      #expect(obfuscator.sql(texts[0], isPostgreSQL ? .postgreSQL : .generic) == texts[1])
    }
  }
}

/// The configurations of the vectors, which are named after the agent's.
enum SQLVector {
  static func options(_ config: [String: Any]) -> ObfuscationOptions {
    var options = ObfuscationOptions()
    let modes: [String: SQLOptions.Mode] = [
      "NormalizeOnly": .normalizeOnly, "ObfuscateOnly": .obfuscateOnly, "ObfuscateAndNormalize": .obfuscateAndNormalize,
    ]
    options.sql.mode = (config["obfuscation_mode"] as? String).flatMap { modes[$0] } ?? .classic
    let isOn = { (name: String) in config[name] as? Bool ?? false }
    options.sql.collectsTableNames = isOn("table_names")
    options.sql.replacesDigits = isOn("replace_digits")
    options.sql.obfuscatesDollarQuotedFunctions = isOn("dollar_quoted_func")
    options.sql.keepsNull = isOn("keep_null")
    options.sql.keepsBoolean = isOn("keep_boolean")
    options.sql.keepsPositionalParameter = isOn("keep_positional_parameter")
    options.sql.keepsTrailingSemicolon = isOn("keep_trailing_semicolon")
    options.sql.keepsIdentifierQuotation = isOn("keep_identifier_quotation")
    options.sql.removesSpaceBetweenParentheses = isOn("remove_space_between_parentheses")
    options.sql.keepsJSONPath = isOn("keep_json_path")
    options.sql.replacesBindParameter = isOn("replace_bind_parameter")
    options.sql.keepsAlias = isOn("keep_sql_alias")
    return options
  }
}
