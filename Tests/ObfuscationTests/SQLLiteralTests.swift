import Testing

@testable import Obfuscation

@Suite struct `Literals of SQL` {
  private static let modes = SQLOptions.Mode.allCases.filter { $0 != .normalizeOnly }

  private static func obfuscator(_ mode: SQLOptions.Mode) -> TextObfuscator {
    var options = ObfuscationOptions()
    options.sql.mode = mode
    options.sql.collectsTableNames = true
    return TextObfuscator(options)
  }

  /// Statements that all hold `secret` or the digits 411 in a literal, with what the classic mode makes of them.
  private static let statements: [(statement: String, dialect: SQLDialect, classic: String?)] = [
    // Backslashes: a character in standard SQL, an escape in MySQL, either where nobody knows.
    (#"SELECT a FROM t WHERE p = 'C:\' AND q = 'secret'"#, .generic, "SELECT a FROM t WHERE p = ? AND q = ?"),
    (#"SELECT a FROM t WHERE p = 'C:\' AND q = 'secret'"#, .postgreSQL, "SELECT a FROM t WHERE p = ? AND q = ?"),
    (#"INSERT INTO t VALUES ('C:\', 'secret -- urgent')"#, .oracle, "INSERT INTO t VALUES ( ? )"),
    (#"INSERT INTO t VALUES ('C:\', 'secret -- urgent')"#, .sqlServer, "INSERT INTO t VALUES ( ? )"),
    (#"INSERT INTO t VALUES ('C:\', 'secret -- urgent')"#, .generic, nil),
    (#"SELECT 'it\'s secret' FROM t"#, .generic, "SELECT ? FROM t"),
    (#"SELECT 'it\'s secret' FROM t"#, .mySQL, "SELECT ? FROM t"),
    (#"SELECT 'it\'s secret -- x'"#, .mySQL, "SELECT ?"),
    (#"SELECT 'it\'s secret -- x'"#, .generic, nil),
    (#"SELECT E'it\'s secret', 'C:\', 'secret'"#, .postgreSQL, "SELECT E ?"),
    (#"SELECT E'it\'s secret', 'C:\', 'secret'"#, .generic, "SELECT E ?"),
    (#"SELECT 'secret\\', 'secret\\\'', 'secret'"#, .generic, "SELECT ?"),
    // Dollar quotes without an end.
    ("SELECT $$secret", .generic, nil), ("SELECT $tag$secret 'x'", .postgreSQL, nil),
    ("SELECT $$a $ b secret$$, $t$ $$ secret $t$", .postgreSQL, "SELECT ?"),
    // Oracle's own quotes.
    ("SELECT q'[it's secret]', a FROM t", .oracle, "SELECT ? a FROM t"),
    ("SELECT Q'{it's secret}', nq'(it's a secret)', q'<it's secret>'", .oracle, "SELECT ?"),
    ("SELECT q'!it's secret!' FROM t", .generic, "SELECT ? FROM t"),
    ("SELECT q'[it's secret", .oracle, nil),
    // Double quotes.
    (
      #"SELECT a FROM t WHERE b LIKE "secret" OR c IN ("secret", "it's secret")"#, .mySQL,
      "SELECT a FROM t WHERE b LIKE ? OR c IN ( ? )"
    ),
    (#"SELECT a FROM t WHERE b = "secret""#, .mySQL, "SELECT a FROM t WHERE b = ?"),
    // Where nobody knows whose they are, what stands where only a value makes sense is one.
    (
      #"SELECT a FROM t WHERE b LIKE "secret" OR c IN ("secret", "secret") OR d BETWEEN "secret" AND "secret" AND e <> "secret""#,
      .generic,
      "SELECT a FROM t WHERE b LIKE ? OR c IN ( ? ) OR d BETWEEN ? AND ? AND e <> ?"
    ),
    (
      #"INSERT INTO "t" ("a", "b") VALUES ("secret", lower("c"), 411), ("secret", 1, "secret")"#, .generic,
      nil
    ),
    (
      #"SELECT CASE WHEN "a"."b" > "c"."d" THEN "secret" ELSE "secret" END"#, .generic,
      "SELECT CASE WHEN a . b > c . d THEN ? ELSE ? END"
    ),
    (
      #"SELECT a FROM t WHERE "b" IN (SELECT "c" FROM "d") AND e > 'secret'"#, .quotedNames,
      "SELECT a FROM t WHERE b IN ( SELECT c FROM d ) AND e > ?"
    ),
    // Numbers.
    ("SELECT 1_000_411, 0b1_411, 0o7_411, 0xAB_411, 0b411 FROM t", .postgreSQL, "SELECT ? FROM t"),
    ("SELECT 1.5e411, 411E-411, .411e+411, 411., -411, +411 FROM t", .generic, nil),
    ("SELECT qty*411, qty*-411, qty*.411, qty/411, qty%411 FROM t", .generic, nil),
    ("SELECT a#411 FROM t", .postgreSQL, "SELECT a # ? FROM t"),
    ("SELECT a[411:411], a[i:411] FROM t", .postgreSQL, nil),
    ("SELECT 1ELSE 411", .generic, "SELECT ? ELSE ?"),
    ("SELECT a FROM t WHERE id = 550e8400-e29b-41d4-a716-446655440411", .generic, "SELECT a FROM t WHERE id = ?"),
    ("SELECT a FROM t WHERE id = e50e8400-e29b-41d4-a716-446655440411", .generic, "SELECT a FROM t WHERE id = ?"),
    ("SELECT arr[i:411], b[:411], f(:name, :2)", .generic, "SELECT arr [ i : ? ], b [ : ? ], f ( :name, :2 )"),
    // Apostrophes that begin no string in the dialect of the statement.
    ("SELECT 1 # don't\nFROM t WHERE a='secret'", .generic, "SELECT ? FROM t WHERE a = ?"),
    ("SELECT 1 # don't\nFROM t WHERE a='secret' -- it's", .generic, "SELECT ? FROM t WHERE a = ?"),
    ("SELECT a# don't\nFROM t WHERE a='secret' -- it's", .generic, nil),
    ("SELECT 1 // don't\nFROM t WHERE a='secret' -- it's", .generic, "SELECT ? FROM t WHERE a = ?"),
    ("SELECT [it's], 'secret'", .generic, nil), ("SELECT [it's], 'secret', [o'clock]", .generic, nil),
    ("SELECT [it's], 'secret', [o'clock]", .sqlServer, "SELECT it's, ? o'clock"),
    ("SELECT 1 +# it's\n, 'secret'", .mySQL, nil), ("SELECT 1 +// it's\n, 'secret'", .snowflake, nil),
    ("SELECT a -> 'x', 'secret", .generic, nil), ("SELECT $$a$$, \"it's\", 'secret\", '", .generic, nil),
    // Comments.
    ("SELECT a /* b /* c */ 'secret' */ FROM t", .postgreSQL, "SELECT a FROM t"),
    ("SELECT a /* b /* c */ 'secret' */ FROM t", .sqlServer, "SELECT a FROM t"),
    ("SELECT a /* b /* c */ FROM t WHERE d = 'secret'", .mySQL, "SELECT a FROM t WHERE d = ?"),
    ("SELECT a /* b /* c */ FROM t WHERE d = 'secret' /* e */", .generic, "SELECT a FROM t WHERE d = ?"),
    ("SELECT a -- AND b = 'secret' AND c = 411\nFROM t", .generic, "SELECT a FROM t"),
    ("SELECT a /* it's secret */, /*! b = 'secret' */ c /* 411 */", .generic, "SELECT a, c"),
    ("SELECT a -- don't use 'secret' here\n", .generic, "SELECT a"),
    (#"SELECT a /* 'it\'s secret' */ FROM t"#, .generic, "SELECT a FROM t"),
    // Calls of JDBC and parameters of drivers.
    ("SELECT {d '}secret'}, {fn f('}', 'secret')}", .generic, "SELECT ?"),
    ("SELECT 10 %('a)s secret')", .generic, nil),
  ]

  @Test(arguments: modes)
  func `are hidden however they are written`(mode: SQLOptions.Mode) {
    for (statement, dialect, expected) in Self.statements {
      let obfuscator = Self.obfuscator(mode)
      let seen = obfuscator.sql(statement, dialect)
      let text = (seen ?? "") + obfuscator.tables
      #expect(!text.contains("secret") && !text.contains("411"), "\(mode) \(dialect) \(statement): \(text)")
      if mode == .classic, let expected { #expect(seen == expected, "\(statement)") }
    }
  }

  @Test func `that depend on how a backslash is read make a statement unreadable`() {
    for mode in Self.modes {
      #expect(Self.obfuscator(mode).sql(#"INSERT INTO t VALUES ('C:\', 'secret -- urgent')"#) == nil)
      #expect(Self.obfuscator(mode).sql(#"SELECT 'a\', 'b'"#) != nil)
    }
  }

  @Test func `of one statement do not say how the next one is read`() {
    let obfuscator = Self.obfuscator(.classic)
    #expect(obfuscator.sql(#"SELECT a FROM t WHERE p = 'C:\' AND q = 'x'"#) == "SELECT a FROM t WHERE p = ? AND q = ?")
    #expect(obfuscator.sql(#"SELECT 'it\'s' /* x */"#) == "SELECT ?")
  }

  @Test func `and numbers in comments are hidden where comments stay`() {
    let statement = "SELECT a -- v2 of 'x' is 12.5 or \"y\"\n/* don't */ FROM t1 # 3"
    #expect(
      Self.obfuscator(.obfuscateOnly).sql(statement, .mySQL) == "SELECT a -- v2 of ?\n/* don?*/ FROM t1 # ?")
  }

  @Test(arguments: [SQLOptions.Mode.obfuscateOnly, .obfuscateAndNormalize])
  func `that may be misread hide all from the first of them on`(mode: SQLOptions.Mode) {
    let obfuscator = Self.obfuscator(mode)
    #expect(obfuscator.sql("SELECT a FROM t WHERE b = 'x' AND c = 'y") == "SELECT a FROM t WHERE b = ?")
    #expect(
      obfuscator.sql("SELECT 1 # don't\nFROM t WHERE a = 'x'")
        == "SELECT ? # don ?".replacing("n ?", with: mode == .obfuscateOnly ? "n?" : "n ?"))
    #expect(obfuscator.sql("SELECT a #> '{b}' FROM t") == "SELECT a #> ? FROM t")
    #expect(
      obfuscator.sql("SELECT a['b'] FROM t")
        == (mode == .obfuscateOnly ? "SELECT a[?] FROM t" : "SELECT a [ ? ] FROM t"))
  }
}
