import Foundation
import Obfuscation
import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Processing

@Suite struct `Spans lose the data of the application` {
  private static func seen(
    _ span: TestSpan, _ change: (inout ObfuscationOptions) -> Void = { _ in }
  ) throws -> SeenSpan {
    var configuration = ProcessingConfiguration()
    change(&configuration.obfuscation)
    return try process([[span]], configuration).span
  }

  private static func span(_ type: String, _ resource: String = "r", _ meta: [String: String] = [:]) -> TestSpan {
    TestSpan().with {
      $0.type = type
      $0.resource = resource
      $0.meta = meta.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
  }

  @Test func `as those of Datadog's table do`() throws {
    var count = 0
    for fields in try Fixtures.vectors("span_obfuscation") {
      let input = try #require(fields["input"] as? [String: Any])
      let expected = try #require(fields["expected"] as? [String: Any])
      let config = fields["config"] as? [String: Any] ?? [:]
      // Rules of the user and attributes of events are other tests'.
      if config["tag_replace_rules"] != nil || input["span_events"] != nil { continue }
      let span = Self.span(
        input["type"] as? String ?? "", input["resource"] as? String ?? "", input["meta"] as? [String: String] ?? [:])
      let seen = try Self.seen(span) { Self.apply(config, to: &$0) }
      // The table leaves out what a span without a resource is given before.
      if let resource = expected["resource"] as? String, !resource.isEmpty { #expect(seen.resource == resource) }
      if (input["resource"] as? String)?.isEmpty == false || input["type"] as? String != "sql" {
        #expect(seen.meta == expected["meta"] as? [String: String] ?? [:], "\(fields["name"] ?? "")")
      }
      count += 1
    }
    #expect(count > 20)
  }

  /// The table's configurations: what they do not name is off there, and on here.
  private static func apply(_ config: [String: Any], to options: inout ObfuscationOptions) {
    let isOn = { (part: String, name: String) in (config[part] as? [String: Any])?[name] as? Bool ?? false }
    options.elasticsearch.isEnabled = isOn("elasticsearch", "enabled")
    options.openSearch.isEnabled = isOn("opensearch", "enabled")
    options.mongoDB.isEnabled = isOn("mongodb", "enabled")
    options.redis.isEnabled = isOn("redis", "enabled")
    options.redis.removesAllArguments = isOn("redis", "remove_all_args")
    options.valkey.isEnabled = isOn("valkey", "enabled")
    options.valkey.removesAllArguments = isOn("valkey", "remove_all_args")
    options.memcachedIsEnabled = isOn("memcached", "enabled")
    options.memcachedKeepsCommand = isOn("memcached", "keep_command")
    options.url.removesQueryString = isOn("http", "remove_query_string")
    options.url.removesPathsWithDigits = isOn("http", "remove_paths_with_digits")
  }

  @Test func `in every tag that holds the statement`() throws {
    let raw = "SELECT * FROM t WHERE id = 42"
    let seen = try Self.seen(
      Self.span("sql", raw, ["sql.query": raw, "db.statement": "SELECT 'x'", "db.query.text": "SELECT '"]))
    #expect(seen.resource == "SELECT * FROM t WHERE id = ?")
    #expect(
      seen.meta == [
        "sql.query": seen.resource, "db.statement": "SELECT ?", "db.query.text": "Non-parsable SQL query",
      ])
  }

  @Test func `in events that a tag holds as JSON`() throws {
    let events = #"[{"name":"exception","attributes":{"exception.message":"bad: 'secret'"}}]"#
    let hidden = #"[{"name":"exception","attributes":{"exception.message":"bad: ?"}}]"#
    for (type, meta, expected) in [
      ("sql", [:], hidden), ("web", [:], events), ("web", ["error.type": "psycopg.errors.X"], hidden),
    ] {
      let meta = meta.merging(["events": events]) { first, _ in first }
      #expect(try Self.seen(Self.span(type, "r", meta)).meta["events"] == expected, "\(type)")
    }
  }

  @Test func `in tags of OpenTelemetry that hold a command of Memcached`() throws {
    let meta = ["memcached.command": "set k 0 0 6\r\nsecret", "db.statement": "set k secret", "db.query.text": "get k"]
    let seen = try Self.seen(Self.span("memcached", "set", meta)) { $0.memcachedKeepsCommand = true }
    #expect(seen.meta == ["memcached.command": "set k 0 0 6", "db.statement": "set k ?", "db.query.text": "get k"])
    #expect(try Self.seen(Self.span("memcached", "set", meta)).meta.values.allSatisfy(\.isEmpty))
  }

  @Test func `of statements that cannot be read as a whole`() throws {
    let seen = try Self.seen(Self.span("cassandra", "SELECT 'secret", ["sql.query": ""]))
    #expect(seen.resource == "Non-parsable SQL query")
    // Empty it says nothing, and goes.
    #expect(seen.meta == [:])
    #expect(try Self.seen(Self.span("sql", "SELECT 'secret")).meta == ["sql.query": "Non-parsable SQL query"])
  }

  @Test(arguments: [
    ("db.type", "mysql", "SELECT ? FROM t"), ("db.type", "mariadb", "SELECT ? FROM t"),
    ("db.system", "mysql", "SELECT ? FROM t"), ("db.system", "mariadb", "SELECT ? FROM t"),
    ("db.system", "postgresql", "SELECT secret FROM t"), ("db.type", "postgres", "SELECT secret FROM t"),
  ])
  func `between double quotes, where the database holds texts in them`(key: String, name: String, expected: String)
    throws
  {
    #expect(try Self.seen(Self.span("sql", "SELECT \"secret\" FROM t", [key: name])).resource == expected)
  }

  @Test(arguments: [
    (["db.type": "sql", "db.system": "mysql"], "SELECT ? FROM t"),
    (["db.type": "", "db.system": "MariaDB"], "SELECT ? FROM t"),
    (["db.type": "MySQL"], "SELECT ? FROM t"), (["db.type": "postgres", "db.system": "mysql"], "SELECT secret FROM t"),
  ])
  func `as db.system says, where db.type names no dialect`(meta: [String: String], expected: String) throws {
    #expect(try Self.seen(Self.span("sql", "SELECT \"secret\" FROM t", meta)).resource == expected)
  }

  @Test func `behind names of SQL Server with apostrophes`() throws {
    for meta in [["db.system": "mssql"], ["db.type": "sql", "db.system": "microsoft.sql_server"]] {
      let seen = try Self.seen(Self.span("sql", "SELECT [it's], 'secret', [o'clock]", meta))
      #expect(seen.resource == "SELECT it's, ? o'clock")
    }
  }

  @Test func `in each of several tags of one name`() throws {
    var span = Self.span("web", "GET /")
    span.meta = [("http.url", "http://u:secret@h/a"), ("x", "y"), ("http.url", "http://u:secret@h/b")]
    #expect(try Self.seen(span).meta == ["http.url": "http://h/b", "x": "y"])
    try withBatch([[span]]) { batch in
      #expect((0..<batch.meta.count).map { batch.meta[$0].known == .removed } == [true, false, false])
    }
  }

  @Test func `by the dialect that db.type names, with the tables where they are wanted`() throws {
    let span = Self.span("sql", "SELECT [a b] FROM #tmp WHERE c = 1", ["db.type": "mssql"])
    let seen = try Self.seen(span) { $0.sql.collectsTableNames = true }
    #expect(seen.resource == "SELECT a b FROM #tmp WHERE c = ?")
    let tables = try Self.seen(Self.span("sql", "SELECT 1 FROM a JOIN b")) { $0.sql.collectsTableNames = true }
    #expect(tables.meta["sql.tables"] == "a,b")
    #expect(try Self.seen(span).meta["sql.tables"] == nil)
  }

  @Test func `whether they are the first of a payload or not`() throws {
    let spans = (1...5).map { number in
      TestSpan(UInt64(number), parent: UInt64(number - 1)).with {
        $0.type = "sql"
        $0.resource = "SELECT \(number)"
        $0.meta = [("a", "b"), ("env", "e")]
      }
    }
    for span in try process([spans, spans]).batch.spans {
      #expect(span.resource == "SELECT ?")
      #expect(span.meta == ["a": "b", "env": "e", "sql.query": "SELECT ?"])
    }
  }

  @Test(arguments: [
    ("card.number", "4111 1111 1111 1111", true), ("order", "4111111111111111", true), ("order", "41111111111", false),
    ("_dd.x", "4111111111111111", false), ("runtime-id", "4111111111111111", false),
    ("kept", "4111111111111111", false),
    ("order", "card 4111111111111111", false),
  ])
  func `that are card numbers`(key: String, value: String, isHidden: Bool) throws {
    let span = Self.span("custom", "r", [key: value])
    #expect(try Self.seen(span) { $0.creditCardKeptTags = ["kept"] }.meta[key] == (isHidden ? "?" : value))
    #expect(try Self.seen(span) { $0.creditCardsAreEnabled = false }.meta[key] == value)
  }

  @Test func `and the password of a URL by default`() throws {
    let seen = try Self.seen(Self.span("web", "GET /", ["http.url": "http://u:p@h/a/1?q=2"]))
    #expect(seen.meta["http.url"] == "http://h/a/1?q=2")
  }

  @Test func `and stack traces when asked to`() throws {
    var configuration = ProcessingConfiguration()
    configuration.removesStackTraces = true
    let span = Self.span("custom", "r", ["error.stack": "at secret", "error.message": "m"])
    #expect(try process([[span]], configuration).span.meta == ["error.stack": "?", "error.message": "m"])
  }

  @Test(
    arguments: [
      ("sql", [:], true), ("redis", [:], true), ("web", [:], false), ("", ["error.type": "psycopg.errors.X"], true),
      ("", ["error.type": "ValueError"], false),
    ] as [(String, [String: String], Bool)])
  func `and what errors of databases quote`(type: String, meta: [String: String], isHidden: Bool) throws {
    let texts = [
      "error.message": "bad: 'secret'", "error.msg": "bad: 'secret'", "error.stack": "X: 'secret'", "x": "'secret'",
    ]
    var span = Self.span(type, "SELECT a", meta.merging(texts) { $1 })
    span.error = 1
    let seen = try Self.seen(span).meta
    let hidden = ["bad: ?", "bad: ?", "X: ?", "'secret'"]
    for (key, expected) in zip(["error.message", "error.msg", "error.stack", "x"], hidden) {
      #expect(seen[key] == (isHidden ? expected : texts[key]))
    }
    #expect(try Self.seen(span) { $0.databaseErrorsAreHidden = false }.meta["error.message"] == "bad: 'secret'")
    // Words that only databases have are enough.
    span.meta.append(("error.message", "Key (a)=(secret) already exists."))
    #expect(try Self.seen(span).meta["error.message"] == "Key (a)=(?) already exists.")
  }

  @Test func `in commands by what the tracer counted, and in OpenTelemetry's tags`() throws {
    var span = Self.span(
      "redis", "HSET", ["redis.raw_command": "HSET u a my secret plan", "db.statement": "SET k secret"])
    span.metrics = [("redis.args_length", 4)]
    #expect(try Self.seen(span).meta["redis.raw_command"] == "HSET u a ?")
    #expect(try Self.seen(span).meta["db.statement"] == "SET k ?")
    span.metrics = [("redis.pipeline_length", 1)]
    span.meta = [("redis.raw_command", "SET k a\nGET secret")]
    #expect(try Self.seen(span).meta["redis.raw_command"] == "SET k ?\nGET ?")
    span.metrics = []
    span.meta = [("redis.raw_command", "SET k a\nGET secret"), ("redis.args_length", "2")]
    #expect(try Self.seen(span).meta["redis.raw_command"] == "SET k ?")
    let query = Self.span("mongodb", "find", ["db.statement": "{\"a\":\"secret\"}", "db.query.text": "find t"])
    #expect(try Self.seen(query).meta == ["db.statement": "{\"a\":\"?\"}", "db.query.text": "find t"])
  }

  @Test func `before a cut could split what is to be hidden`() throws {
    let text = "SELECT '" + String(repeating: "x", count: 6_000) + "' FROM t"
    #expect(try Self.seen(Self.span("sql", text)).resource == "SELECT ? FROM t")
  }

  @Test func `once for all spans that share a text, as they do in v0.5`() throws {
    let spans = (1...300).map { number in
      TestSpan(UInt64(number), parent: UInt64(number - 1)).with {
        $0.type = "sql"
        $0.resource = "SELECT '" + String(repeating: "x", count: 400) + "' FROM " + String(repeating: "y", count: 400)
        $0.meta = [("db.type", number % 2 == 0 ? "mssql" : "other")]
      }
    }
    try withBatch([spans]) { batch in
      for index in 0..<batch.spans.count { batch.spans[index].resource = batch.spans[0].resource }
      batch.sharesTexts = true
      var processor = Processor(configuration: ProcessingConfiguration())
      processor.process(&batch, RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
      for index in 0..<batch.spans.count {
        #expect(batch.text(batch.spans[index].resource).hasPrefix("SELECT ? FROM y"))
      }
      // Two dialects, and the names of tags that were added.
      #expect(batch.sideArena.count < 2 * 500 + 300 * 20)
    }
  }

  @Test func `within bounds when a small body would become a huge one`() {
    var texts = RewrittenTexts()
    texts.begin(bodyBytes: 1_000, areShared: true)
    let claims = [texts.claim(8_000_000), texts.claim(1_000_000), texts.claim(100)]
    #expect(claims == [true, false, true])
    texts.begin(bodyBytes: 1_000_000, areShared: true)
    let isFree = texts.claim(12_000_000)
    #expect(isFree)
  }

  @Test func `once for each purpose of a text and each request`() {
    var texts = RewrittenTexts()
    texts.begin(bodyBytes: 1_000, areShared: true)
    let (raw, result) = (ByteSlice(bodyOffset: 7, length: 3), ByteSlice(sideOffset: 9, length: 2))
    texts.remember(raw, 1, as: result)
    let found = [
      texts.find(raw, 1), texts.find(raw, 2), texts.find(ByteSlice(sideOffset: 7, length: 3), 1),
      texts.find(ByteSlice(bodyOffset: 7, length: 4), 1),
    ]
    #expect(found == [result, nil, nil, nil])
    texts.begin(bodyBytes: 0, areShared: true)
    let later = texts.find(raw, 1)
    #expect(later == nil)
  }
}
