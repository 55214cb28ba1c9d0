import Testing

@testable import Obfuscation

@Suite struct `Events that a tag holds as JSON` {
  private static let cases: [(json: String, isOfDatabase: Bool, expected: String)] = [
    (
      #"[{"name":"exception","attributes":{"exception.message":"Key (a)=(secret) already exists.","x":"y"}}]"#, false,
      #"[{"name":"exception","attributes":{"exception.message":"Key (a)=(?) already exists.","x":"y"}}]"#
    ),
    // Of a database's exception all that stands in quotes is hidden; another's stays.
    (#"[{"exception.stacktrace" : "X: 'secret'\n\u00e9"}]"#, true, #"[{"exception.stacktrace" : "X: ?\né"}]"#),
    (#"[{"exception.stacktrace":"X: 'kept'\u00e9"}]"#, false, #"[{"exception.stacktrace":"X: 'kept'\u00e9"}]"#),
    // Only what is the value of such a key is taken for one.
    (
      #"["exception.message","'kept'",{"exception.message":1,"a":"'kept'","b":"exception.message","c":"'kept'"}]"#,
      true, #"["exception.message","'kept'",{"exception.message":1,"a":"'kept'","b":"exception.message","c":"'kept'"}]"#
    ),
    // The type of one says it of all, wherever it stands.
    (
      #"[{"a":{"exception.message":"bad: 'secret'","exception.type":"psycopg.errors.X"}},{"exception.message":"'other'"}]"#,
      false,
      #"[{"a":{"exception.message":"bad: ?","exception.type":"psycopg.errors.X"}},{"exception.message":"?"}]"#
    ),
    (
      #"[{"exception.type":"ValueError","exception.message":"'kept'"}]"#, false,
      #"[{"exception.type":"ValueError","exception.message":"'kept'"}]"#
    ),
    // What was cut off cannot be read.
    (#"[{"exception.message":"Key (a)=(sec"#, false, #"[{"exception.message":..."#),
    (#"[{"a":"b"},{"exception.message":"bad \x 'secret'"}]"#, true, #"[{"a":"b"},{"exception.message":..."#),
    // A tag of the user's own.
    ("", true, ""), ("5\" pipe, then 3 more", true, "5\" pipe, then 3 more"), (#"["a", "it's"#, true, #"["a", "it's"#),
  ]

  @Test func `lose what databases quote in their exceptions`() {
    for (json, isOfDatabase, expected) in Self.cases {
      let seen = TextObfuscator().taggedEvents(json, isOfDatabase: isOfDatabase)
      #expect(seen == expected)
      #expect(TextObfuscator().taggedEvents(seen, isOfDatabase: isOfDatabase) == seen)
    }
  }
}
