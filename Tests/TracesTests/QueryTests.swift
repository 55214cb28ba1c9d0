import TestFixtures
import Testing

@testable import Traces

@Suite("The language in which traces are searched")
struct QueryTests {
  @Test(
    "A query is read, and written in its usual form",
    arguments: [
      ("", "", .all), ("  \t ", "", .all), ("*", "", .all),
      ("Checkout", "checkout", .condition(.words(SearchWords("checkout")))),
      ("check*", "check*", .condition(.words(SearchWords("check*")))),
      ("\"connection refused\"", "\"connection refused\"", .condition(.words(SearchWords("connection refused")))),
      ("http://shop/cart", "\"http shop cart\"", .condition(.words(SearchWords("http shop cart")))),
      ("service:Shop", "service:shop", .condition(.field(.service, TextPattern("shop")))),
      (
        "resource:\"GET /cart/*\"", "resource:\"get /cart/*\"",
        .condition(.field(.resource, TextPattern("GET /cart/*")))
      ),
      (
        #"resource:"SELECT \* FROM t*""#, #"resource:"select \* from t*""#,
        .condition(.field(.resource, TextPattern(pieces: ["SELECT * FROM t", ""])))
      ),
      (#"t:"\*""#, #"t:"\*""#, .condition(.tag(key: "t", TextPattern(exactly: "*")))),
      (#"t:"a\\*""#, #"t:a\*"#, .condition(.tag(key: "t", TextPattern("a\\*")))),
      (#"t:"a\\\*b""#, #"t:"a\\\*b""#, .condition(.tag(key: "t", TextPattern(exactly: "a\\*b")))),
      (#"t:a\*b"#, #"t:a\*b"#, .condition(.tag(key: "t", TextPattern(pieces: ["a\\", "b"])))),
      (#"@"a\*b":c"#, #"@"a*b":c"#, .condition(.tag(key: "a*b", TextPattern("c")))),
      (#""check\*""#, "check", .condition(.words(SearchWords("check")))),
      (#""check*""#, "check*", .condition(.words(SearchWords("check*")))),
      ("resource:SELECT*", "resource:select*", .condition(.field(.resource, TextPattern("select*")))),
      (
        "resource_name:a operation_name:b", "resource:a operation:b", all(field(.resource, "a"), field(.operation, "b"))
      ),
      ("service:(a OR \"b c\")", "service:a OR service:\"b c\"", any(field(.service, "a"), field(.service, "b c"))),
      (
        "type:(web AND -(a OR b*)) x", "type:web -(type:a OR type:b*) x",
        all(field(.type, "web"), .not(any(field(.type, "a"), field(.type, "b*"))), word("x"))
      ),
      (
        "duration:(<1ms OR >1s)", "duration:<1ms OR duration:>1s",
        any(number(.duration, .less, 1_000_000), number(.duration, .greater, 1_000_000_000))
      ),
      (
        "@\"a b\":(1..2 OR x)", "@\"a b\":1..2 OR @\"a b\":x",
        any(.condition(.tagRange(key: "a b", 1...2)), .condition(.tag(key: "a b", TextPattern("x"))))
      ),
      ("env:\"\"", "env:\"\"", field(.env, "")), ("type:web", "type:web", field(.type, "web")),
      ("status:error", "status:error", .condition(.hasError(true))),
      ("-status:OK", "-status:ok", .not(.condition(.hasError(false)))),
      ("duration:>100ms", "duration:>100ms", number(.duration, .greater, 100_000_000)),
      ("duration:<=1.5s", "duration:<=1500ms", number(.duration, .atMost, 1_500_000_000)),
      (
        "duration:100ms..2s", "duration:>=100ms duration:<=2s",
        all(number(.duration, .atLeast, 100_000_000), number(.duration, .atMost, 2_000_000_000))
      ),
      ("duration:100ms..", "duration:>=100ms", number(.duration, .atLeast, 100_000_000)),
      ("errors:..3", "errors:<=3", number(.errors, .atMost, 3)),
      ("n:2..", "n:>=2", .condition(.tagNumber(key: "n", .atLeast, 2))),
      ("n:..-1.5", "n:<=-1.5", .condition(.tagNumber(key: "n", .atMost, -1.5))),
      ("duration:2m30s", "duration:150s", number(.duration, .equal, 150_000_000_000)),
      ("duration:<3µs", "duration:<3us", number(.duration, .less, 3000)),
      ("spans:>50 errors:0", "spans:>50 errors:0", all(number(.spans, .greater, 50), number(.errors, .equal, 0))),
      ("kept:FALSE", "kept:false", .condition(.isKept(false))),
      ("trace:0xABC", "trace:abc", .condition(.traceID(prefix: "abc"))),
      ("trace_id:12345678901234567890", "trace:ab54a98ceb1f0ad2", .condition(.traceID(prefix: "ab54a98ceb1f0ad2"))),
      (
        "trace:18446744073709551616", "trace:00000000000000010000000000000000",
        .condition(.traceID(prefix: "00000000000000010000000000000000"))
      ),
      (
        "trace:21267647932558653966460912964485513216", "trace:0x10000000000000000000000000000000",
        .condition(.traceID(prefix: "10000000000000000000000000000000"))
      ),
      (
        "trace:340282366920938463463374607431768211455", "trace:ffffffffffffffffffffffffffffffff",
        .condition(.traceID(prefix: "ffffffffffffffffffffffffffffffff"))
      ),
      (
        "trace:00000000000000010000000000000000", "trace:00000000000000010000000000000000",
        .condition(.traceID(prefix: "00000000000000010000000000000000"))
      ),
      ("http.method:GET", "http.method:get", .condition(.tag(key: "http.method", TextPattern("GET")))),
      ("@service:x", "@service:x", .condition(.tag(key: "service", TextPattern("x")))),
      (
        "@\"a \\\"b\\\\\":\"c:\\\\d\"", "@\"a \\\"b\\\\\":c:\\d", .condition(.tag(key: "a \"b\\", TextPattern("c:\\d")))
      ),
      ("peer.port:>=1024.5", "peer.port:>=1024.5", .condition(.tagNumber(key: "peer.port", .atLeast, 1024.5))),
      ("retries:1..3", "retries:1..3", .condition(.tagRange(key: "retries", 1...3))),
      ("file:\"a..b\"", "file:\"a..b\"", .condition(.tag(key: "file", TextPattern("a..b")))),
      ("v:\">5\"", "v:\">5\"", .condition(.tag(key: "v", TextPattern(">5")))),
      ("url:\"//x\"", "url:\"//x\"", .condition(.tag(key: "url", TextPattern("//x")))),
      ("a AND b", "a b", all(word("a"), word("b"))),
      ("a OR b c", "a OR b c", any(word("a"), all(word("b"), word("c")))),
      ("(a OR b) c", "(a OR b) c", all(any(word("a"), word("b")), word("c"))),
      ("NOT (a b)", "-(a b)", .not(all(word("a"), word("b")))), ("NOT a", "-a", .not(word("a"))),
      ("-(a OR b)", "-(a OR b)", .not(any(word("a"), word("b")))), ("--a", "--a", .not(.not(word("a")))),
      ("and or not", "and or not", all(word("and"), word("or"), word("not"))),
      ("v:\"a|b\"", "v:\"a|b\"", .condition(.tag(key: "v", TextPattern("a|b")))),
      ("service:\"!a\"", "service:\"!a\"", field(.service, "!a")), ("\"a=b\"", "\"a b\"", word("a b")),
      ("@error:true", "@error:true", .condition(.tag(key: "error", TextPattern("true")))),
      ("@\"a=b\":c", "@\"a=b\":c", .condition(.tag(key: "a=b", TextPattern("c")))),
      ("http://a/b?c=d", "\"http a b c d\"", word("http a b c d")),
      ("resource:\"GET\" /cart", "resource:get cart", all(field(.resource, "get"), word("cart"))),
      ("a OR(b)", "a OR b", any(word("a"), word("b"))),
      ("((a))", "a", word("a")), ("-*", "-*", .not(.all)),
      ("a\u{0}\u{610}*", "\"a \u{610}*\"", word("a\u{0}\u{610}*")),
      ("\"a \u{301}*\"", "\"a \u{301}*\"", word("a \u{301}*")),
    ] as [(String, String, TraceFilter)])
  func reads(_ text: String, canonical: String, filter: TraceFilter) throws {
    let read = try TraceFilter(parsing: text)
    #expect(read == filter)
    #expect(read.description == canonical)
    #expect(try TraceFilter(parsing: canonical) == filter)
  }

  @Test(
    "What is not understood is pointed at",
    arguments: [
      ("status:bad", 7, "status is error or ok; that of HTTP is http.status_code:500"),
      ("a kept:yes", 7, "kept is true or false"),
      ("duration:100", 9, "a duration is a number and a unit, such as 100ms, 1.5s or 2m"),
      ("duration:>", 10, "a duration is a number and a unit, such as 100ms, 1.5s or 2m"),
      ("duration:1ms..x", 14, "a duration is a number and a unit, such as 100ms, 1.5s or 2m"),
      ("duration:..", 9, "a range has a begin or an end, or both"),
      ("n:..", 2, "a range is one of numbers; a text with .. in it stands in quotes"),
      ("v:1..x", 5, "a range is one of numbers; a text with .. in it stands in quotes"),
      ("path:../x", 5, "a range is one of numbers; a text with .. in it stands in quotes"),
      ("db.took:>1ms", 9, "a tag is compared with a number; the trace's own time is duration:>1ms"),
      ("duration:2s..1s", 9, "the range ends before it begins"), ("n:3..1", 2, "the range ends before it begins"),
      ("spans:>many", 7, "a whole number is missing here"), ("spans:-1", 6, "a whole number is missing here"),
      ("size:>big", 6, "a tag is compared with a number; a text that begins with > stands in quotes"),
      ("trace:xyz", 6, "a trace's id has up to 32 hexadecimal digits, or is a decimal number of 128 bits at most"),
      (
        "trace:340282366920938463463374607431768211456", 6,
        "a trace's id has up to 32 hexadecimal digits, or is a decimal number of 128 bits at most"
      ),
      ("service:", 8, "the value after \"service:\" is missing"),
      (
        "duration:", 9,
        "the value after \"duration:\" is missing; a shell takes < and > for itself unless they are in quotes"
      ), (":x", 0, "the name before the colon is missing"),
      ("é \"open", 2, "this quote is not closed"), ("\"a\"b", 3, "a space belongs behind the quote"),
      ("a\"b", 1, "a text with \" in it stands in quotes"), ("f(x)", 1, "a text with ( in it stands in quotes"),
      ("(a", 0, "there is no \")\" for this \"(\""), ("a)", 1, "there is no \"(\" for this \")\""),
      ("()", 1, "something to look for is missing before this \")\""),
      ("a OR", 4, "something to look for is missing here"),
      ("OR a", 0, "OR needs something to look for on both sides"),
      ("a AND OR b", 6, "OR needs something to look for on both sides"),
      ("NOT", 3, "something to look for is missing here"), ("- a", 1, "what is not wanted is missing here"),
      ("a /", 2, "a word has a letter or a digit in it"),
      ("@x", 2, "@ is followed by a tag's name, a colon and a value"),
    ] as [(String, Int, String)])
  func pointsAt(_ text: String, position: Int, message: String) {
    #expect(throws: TraceQueryError(position, message)) { try TraceFilter(parsing: text) }
  }

  @Test(
    "What means something in other query languages is no word here, and the message says how it is written",
    arguments: [
      ("duration>100ms", 8, "a condition has a colon: duration:>100ms; a text with > in it stands in quotes"),
      ("x duration>=1s", 10, "a condition has a colon: duration:>=1s; a text with > in it stands in quotes"),
      ("service=shop", 7, "a condition has a colon: service:shop; a text with = in it stands in quotes"),
      ("service==shop", 7, "a condition has a colon: service:shop; a text with = in it stands in quotes"),
      ("env!=prod", 4, "a condition has a colon: -env:prod; a text with = in it stands in quotes"),
      ("service=~sh", 7, "a condition has a colon: service:sh; a text with = in it stands in quotes"),
      ("duration > 1s", 9, "a condition has a colon: duration:>100ms; a text with > in it stands in quotes"),
      ("spans>", 5, "a condition has a colon: spans:>…; a text with > in it stands in quotes"),
      ("time>10:30", 4, "a condition has a colon: time:>10; a text with > in it stands in quotes"),
      ("!a", 0, "what is not wanted has - or NOT in front of it: -a"),
      ("b !service:a", 2, "what is not wanted has - or NOT in front of it: -a"),
      ("service:!a", 8, "what is not wanted is -service:x; a value that begins with ! stands in quotes"),
      ("service:=a", 8, "service is a text and not compared; a text that begins with = stands in quotes"),
      ("env:>a", 4, "env is a text and not compared; a text that begins with > stands in quotes"),
      ("che*out", 3, "a word may end with *; anywhere else, * stands in values: resource:*out"),
      ("*out", 0, "a word may end with *; anywhere else, * stands in values: resource:*out"),
      ("ab**", 2, "a word may end with *; anywhere else, * stands in values: resource:*out"),
      ("http.*:x", 0, "* stands in a tag's value, not in its name, unless that is in quotes: @\"a*\":x"),
      ("a||b", 1, "either of two is a OR b; a text with | in it stands in quotes"),
      ("a && b", 2, "both of two stand side by side: a b; a text with && in it stands in quotes"),
      ("http.method:GET|POST", 15, "either of two is http.method:(a OR b); a text with | in it stands in quotes"),
      ("service:(a b)", 11, "AND or OR belongs between two values; one value with spaces in it stands in quotes"),
      ("service:(a OR env:b)", 14, "a value with a colon in it stands in quotes here"),
      ("n:(-1)", 3, "a number below 0 is not taken in parentheses; NOT negates what follows"),
      ("service:()", 9, "something to look for is missing before this \")\""),
      ("service:(a", 8, "there is no \")\" for this \"(\""),
      (
        "resource:GET /cart", 13,
        "a value with spaces in it stands in quotes, and these in quotes of the shell: 'resource:\"GET /\"'"
      ),
      (
        "resource:SELECT * FROM", 16,
        "a value with spaces in it stands in quotes, and these in quotes of the shell: 'resource:\"GET /\"'"
      ),
      ("a servcie:b", 2, "\"servcie\" is no field; did you mean service:? A tag of that name is @servcie:"),
      ("Service:b", 0, "\"Service\" is no field; did you mean service:? A tag of that name is @Service:"),
      ("dur:>1s", 0, "\"dur\" is no field; did you mean duration:? A tag of that name is @dur:"),
      (
        "error:true", 0,
        "\"error\" is no field; status:error finds traces with a failed span. A tag of that name is @error:"
      ),
    ] as [(String, Int, String)])
  func otherLanguages(_ text: String, position: Int, message: String) {
    #expect(throws: TraceQueryError(position, message)) { try TraceFilter(parsing: text) }
  }

  @Test("Names that tags usually have are no misspelled fields")
  func usualTags() throws {
    for key in [
      "http.method", "http.status_code", "http.url", "http.route", "span.kind", "component", "language", "version",
      "customer", "customer.id", "user", "usr.id", "host", "hostname", "region", "tenant", "source", "device", "state",
      "place", "level", "queue", "topic", "kind", "team", "db.system", "db.name", "peer.service", "error.message",
      "error.type", "git.commit.sha", "runtime-id", "_dd.p.dm", "retries", "size", "date", "time", "page", "id",
    ] {
      #expect(try TraceFilter(parsing: "\(key):x") == .condition(.tag(key: key, TextPattern("x"))), "\(key)")
    }
  }

  @Test("Texts that are too long or too deep are refused")
  func limits() {
    for text in [
      String(repeating: "(", count: 8000), String(repeating: "-", count: 8000) + "a",
      String(repeating: "a ", count: 200),
      String(repeating: "x", count: 9000), String(repeating: "NOT ", count: 2000) + "a",
    ] {
      #expect(throws: TraceQueryError.self) { try TraceFilter(parsing: text) }
    }
  }

  @Test("Of random texts each is read the same in its usual form, or refused with a place inside of it")
  func randomTexts() throws {
    let parts = [
      "a", "AND", "OR", "NOT", "(", ")", "-", "\"", "\\", "\\*", ":", "@", "*", " ", " ", "service:", "duration:", ">",
      "<=",
      "=",
      "..", "1", "100ms", "é", "\u{301}", "\u{0}", "//", "x y", "status:error", "trace:", "ff", "1e5", ".", "\u{202e}",
      "İ",
      "spans:", "tag:", "\n", "µs", "99999999999999999999", "!", "|", "&&", "service:(", "n:(", "resource:", "/",
      "env:", "error:", "0x", "00",
    ]
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for round in 0..<6000 {
      // Of what the language is made, and of any bytes.
      let length = Int.random(in: 0...12, using: &random)
      let text =
        round % 3 > 0
        ? (0..<length).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
        : String(
          decoding: (0..<(length * 3)).map { _ in UInt8.random(in: .min ... .max, using: &random) }, as: UTF8.self)
      do throws(TraceQueryError) {
        let filter = try TraceFilter(parsing: text)
        let again = try? TraceFilter(described: filter.description)
        #expect(again == filter, "seed \(seed): \(text.debugDescription) became \(filter.description.debugDescription)")
      } catch {
        #expect((0...text.unicodeScalars.count).contains(error.position), "seed \(seed): \(text.debugDescription)")
      }
    }
  }

  @Test(
    "Durations are read exactly, and not beyond 64 bits",
    arguments: [
      ("1ns", 1), ("0.5us", 500), ("1.0000000019s", 1_000_000_001), ("1h2m3s", 3_723_000_000_000),
      ("2d", 172_800_000_000_000),
      ("", nil), ("5", nil), ("s", nil), ("1.s", nil), (".5s", nil), ("1..2s", nil), ("-1s", nil), ("1x", nil),
      ("9223372036854775807ns", .max), ("9223372036854775808ns", nil), ("106752d", nil), ("9223372036s9s", nil),
    ] as [(String, Int64?)])
  func durations(_ text: String, ns: Int64?) {
    #expect(QueryDuration.ns(text) == ns)
  }

  @Test("A range of numbers holds where one span has a number within it")
  func tagRanges() throws {
    var spans = [
      TraceSpan(spanID: 1, service: "a", operation: "o", resource: "r", startNs: 0, durationNs: 1),
      TraceSpan(spanID: 2, service: "a", operation: "o", resource: "r", startNs: 0, durationNs: 1),
    ]
    spans[0].metrics = [("n", 1)]
    spans[1].meta = [("n", "9")]
    let trace = Trace(id: TraceID(high: 0, low: 1), spans: spans, isKept: true, keptBy: "")
    #expect(try !TraceFilter(parsing: "n:2..8").matches(trace))
    #expect(try TraceFilter(parsing: "n:8..9.5").matches(trace))
    #expect(try TraceFilter(parsing: "n:>2 n:<8").matches(trace))
  }

  @Test("What is typed behind `roost trace` is read, and written again")
  func selectors() {
    let cases: [([String], TraceSelector?)] = [
      (["last"], .last), (["slowest", "shop", "GET /"], .slowest(service: "shop", resource: "GET /")),
      (["error", "shop"], .error(service: "shop")), (["AB12"], .hexPrefix("ab12")), (["123"], .hexPrefix("123")),
      (["18446744073709551615"], .low(.max)),
      (["18446744073709551616"], .hexPrefix("00000000000000010000000000000000")),
      (["00000000000000010000000000000000"], .hexPrefix("00000000000000010000000000000000")),
      (["340282366920938463463374607431768211455"], .hexPrefix(String(repeating: "f", count: 32))),
      (["340282366920938463463374607431768211456"], nil),
      (["last", "x"], nil), (["slowest", "shop"], nil), (["xyz"], nil), ([], nil),
      ([String(repeating: "a", count: 33)], nil),
    ]
    for (words, selector) in cases {
      #expect(TraceSelector(words: words) == selector, "\(words)")
      if let selector { #expect(TraceSelector(words: selector.words) == selector) }
    }
  }

  @Test("Digits that are no hexadecimal id are tried as a decimal one, and the other way round")
  func twoReadings() {
    let store = OneTrace(id: TraceID(high: 0, low: 255))
    #expect(store.find(.hexPrefix("255")).isFound)
    #expect(store.find(.low(255)).isFound)
    #expect(!store.find(.hexPrefix("256")).isFound)
    let digits = "12345678901234567890123456789012"
    #expect(OneTrace(id: TraceID(high: 0x9B_D30A_3C64, low: 0x5943_DD16_90A0_3A14)).find(digits).isFound)
    #expect(OneTrace(id: TraceID(high: 0x1234_5678_9012_3456, low: 0x7890_1234_5678_9012)).find(digits).isFound)
    #expect(OneTrace(id: TraceID(high: 0, low: 0x1234_5678_9012_3456)).find(.low(1_234_567_890_123_456)).isFound)
  }
}

private func all(_ filters: TraceFilter...) -> TraceFilter { .and(filters) }
private func any(_ filters: TraceFilter...) -> TraceFilter { .or(filters) }
private func word(_ text: String) -> TraceFilter { .condition(.words(SearchWords(text))) }
private func field(_ field: TraceField, _ text: String) -> TraceFilter { .condition(.field(field, TextPattern(text))) }
private func number(_ number: TraceNumber, _ comparison: Comparison, _ value: Int64) -> TraceFilter {
  .condition(.number(number, comparison, value))
}

/// Knows a trace by its lower half, in either way of writing.
private struct OneTrace: TraceReading {
  let id: TraceID

  func traces(_ query: TracesQuery) -> TracesFound { TracesFound() }

  func trace(_ selector: TraceSelector) -> TraceLookup {
    let isIt: Bool =
      switch selector {
      case .hexPrefix(let digits): id.hex == digits
      case .low(let low): low == id.low
      default: false
      }
    return isIt ? .found(Trace(id: id, spans: [], isKept: true, keptBy: "")) : .none
  }
}

extension OneTrace {
  func find(_ word: String) -> TraceLookup { TraceSelector(words: [word]).map(find) ?? .none }
}

extension TraceLookup {
  fileprivate var isFound: Bool { if case .found = self { true } else { false } }
}
