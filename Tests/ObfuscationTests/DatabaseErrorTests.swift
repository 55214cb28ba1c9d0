import TestFixtures
import Testing

@testable import Obfuscation

@Suite struct `Messages of databases' errors` {
  /// As the databases and the libraries above them write them; all hold `secret` or 411 in what belongs to the application.
  private static let messages: [(message: String, expected: String)] = [
    // PostgreSQL, by libpq, JDBC and Go.
    (
      "duplicate key value violates unique constraint \"users_email_key\"\nDETAIL:  Key (email)=(secret@x) already exists.",
      "duplicate key value violates unique constraint \"users_email_key\"\nDETAIL:  Key (email)=(?) already exists."
    ),
    (
      "ERROR: x\n  Detail: Key (a, lower(b))=(411, sec)ret) is not present in table \"t\".",
      "ERROR: x\n  Detail: Key (a, lower(b))=(?) is not present in table \"t\"."
    ),
    (
      "conflicts with existing key (a)=(secret).\nDETAIL:  Key (a)=(secret) conflicts with existing key (a)=(411).",
      "conflicts with existing key (a)=(?).\nDETAIL:  Key (a)=(?)."
    ),
    (
      "null value in column \"a\" of relation \"t\" violates not-null constraint\nDETAIL:  Failing row contains (411, secret,\nsecret (x), null).",
      "null value in column \"a\" of relation \"t\" violates not-null constraint\nDETAIL:  Failing row contains (?)."
    ),
    (
      "syntax error at or near \"FROM\"\nLINE 1: SELECT a, FROM t WHERE b = 'secret'\n                  ^",
      "syntax error at or near \"FROM\"\nLINE 1: ?\n                  ^"
    ),
    (
      "unterminated quoted string at or near \"'secret\"\nLINE 12: ...secret",
      "unterminated quoted string at or near ?\nLINE 12: ?"
    ),
    ("invalid input syntax for type integer: \"secret\"", "invalid input syntax for type integer: ?"),
    ("pq: invalid input value for enum mood: \"secret\"", "pq: invalid input value for enum mood: ?"),
    ("value \"411\" is out of range for type integer", "value ? is out of range for type integer"),
    (
      "boom\nCONTEXT:  SQL statement \"SELECT 'secret'\"\nPL/pgSQL function f(integer) line 3 at RAISE\nQUERY:  SELECT 411",
      "boom\nCONTEXT:  SQL statement ?\nPL/pgSQL function f(integer) line 3 at RAISE\nQUERY: ?"
    ),
    // MySQL.
    (
      "(1062, \"Duplicate entry 'secret' for key 'users.email'\")",
      "(1062, \"Duplicate entry ? for key 'users.email'\")"
    ),
    (
      "Error 1062 (23000): Duplicate entry 'O'Br' for secret' for key 'users.email'",
      "Error 1062 (23000): Duplicate entry ? for key 'users.email'"
    ),
    (
      "You have an error in your SQL syntax; check the manual for the right syntax to use near 'Brien', 'secret') AND x = 411' at line 1",
      "You have an error in your SQL syntax; check the manual for the right syntax to use near ? at line 1"
    ),
    (
      "Incorrect integer value: 'secret' for column 'age' at row 1",
      "Incorrect integer value: ? for column 'age' at row 1"
    ),
    ("Truncated incorrect DOUBLE value: 'secret'", "Truncated incorrect DOUBLE value: ?"),
    (
      "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
      "Access denied for user 'app'@'10.0.0.1' (using password: YES)"
    ),
    ("Table 'shop.carts' doesn't exist", "Table 'shop.carts' doesn't exist"),
    ("Unknown column 'c' in 'field list'", "Unknown column 'c' in 'field list'"),
    // SQLite, SQL Server, Oracle, Cassandra, Snowflake.
    ("UNIQUE constraint failed: users.email", "UNIQUE constraint failed: users.email"),
    ("near \"'secret'\": syntax error", "near ?: syntax error"),
    ("near \",\": syntax error", "near \",\": syntax error"),
    ("unrecognized token: \"'secret\"", "unrecognized token: ?"),
    (
      "Violation of UNIQUE KEY constraint 'UQ'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (secret).",
      "Violation of UNIQUE KEY constraint 'UQ'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (?)."
    ),
    (
      "Conversion failed when converting the varchar value 'it's secret' to data type int.",
      "Conversion failed when converting the varchar value ? to data type int."
    ),
    ("Invalid column name 'c'. Incorrect syntax near 'secret'.", "Invalid column name 'c'. Incorrect syntax near ?."),
    (
      "ORA-03301: (ORA-00001 details) row with column values (EMAIL:'secret') already exists",
      "ORA-03301: (ORA-00001 details) row with column values (?) already exists"
    ),
    ("Invalid STRING constant (secret) for \"id\" of type int", "Invalid STRING constant (?) for ? of type int"),
    ("Numeric value 'secret' is not recognized", "Numeric value ? is not recognized"),
    // Libraries.
    (
      "(psycopg.errors.X) boom\n[SQL: INSERT INTO t (a) VALUES ('secret',\n ARRAY[411])]\n[parameters: {'a': 'secret]'}]\n(Background on this error at: https://sqlalche.me/e/20/gkpj)",
      "(psycopg.errors.X) boom\n[SQL: ?]\n[parameters: ?]\n(Background on this error at: https://sqlalche.me/e/20/gkpj)"
    ),
    (
      "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry 'secret' for key 'k' (Connection: mysql, SQL: insert into `u` (`e`) values (secret, 411))",
      "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry ? for key 'k' (Connection: mysql, SQL: ?)"
    ),
    ("could not execute statement; SQL [insert into t values (411)]", "could not execute statement; SQL [?]"),
    // Others.
    (
      "E11000 duplicate key error collection: db.u index: email_1 dup key: { email: \"secret\" }, full error: {'index': 0, 'keyValue': {'email': 'secret'}}",
      "E11000 duplicate key error collection: db.u index: email_1 dup key: {?}"
    ),
    (
      "Command # 1 (SET k secret) of pipeline caused error: WRONGTYPE x",
      "Command # 1 (?) of pipeline caused error: WRONGTYPE x"
    ),
    (
      "ERR unknown command `FOO`, with args beginning with: `secret`, `411`",
      "ERR unknown command `FOO`, with args beginning with: ?"
    ),
    // A stack trace keeps its frames.
    (
      "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in f\n    cur.execute(\"SELECT 'secret'\")\nX: bad value: 'secret\n and more\n\nDuring",
      "Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in f\n    cur.execute(?)\nX: bad value: ?\n\nDuring"
    ),
    ("X: Detail: Key (a)=(secret\n\tat a.b('c')\n", "X: Detail: Key (a)=(?\n\tat a.b('c')\n"),
  ]

  @Test func `lose what they quote of data, and keep names`() {
    for (message, expected) in Self.messages {
      let seen = TextObfuscator().errorText(message)
      #expect(seen == expected)
      #expect(TextObfuscator().errorText(seen) == seen)
    }
  }

  @Test func `are known by the error's type or by their words`() {
    let known: [(type: String, isKnown: Bool)] = [
      ("psycopg.errors.UniqueViolation", true), ("sqlalchemy.exc.IntegrityError", true), ("*pq.Error", true),
      ("com.mysql.cj.jdbc.exceptions.X", true), ("PG::UniqueViolation", true), ("ValueError", false), ("", false),
      ("pymongo.errors.DuplicateKeyError", true), ("java.lang.IllegalStateException", false),
    ]
    for (type, isKnown) in known {
      Array(type.utf8).withUnsafeBytes {
        #expect(Obfuscator.isDatabaseError(type: TextBytes($0)) == isKnown, "\(type)")
      }
    }
    for (text, isKnown) in [
      ("x\nDETAIL:  Key (a)=(b) already exists.", true), ("a (b) = c", false),
      ("1062 Duplicate entry 'a' for key", true),
      ("[parameters: (1,)]", true), ("cannot read SQL file", false), ("\nLINE 1: SELECT", true),
    ] {
      Array(text.utf8).withUnsafeBytes { #expect(Obfuscator.mayQuoteDatabase(TextBytes($0)) == isKnown, "\(text)") }
    }
  }

  @Test func `are bounded, whatever the bytes`() {
    var random = SeededGenerator(seed: 21)
    let pieces = [
      "'", "\"", "(", ")", "]", "{", "\n", "\n\n", "near '", ")=(", "[SQL: ", "dup key: {", "at ", "\\", "x",
    ]
    for _ in 0..<400 {
      var text = ""
      for _ in 0..<30 { text += pieces[Int.random(in: 0..<pieces.count, using: &random)] }
      #expect(TextObfuscator().errorText(text).utf8.count <= 2 * text.utf8.count + 1)
    }
  }
}
