import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `A reader of JSON` {
  private static func traces(_ text: String) throws -> [[PlainSpan]] {
    try withDecoded(Array(text.utf8), TracesJSON.decode) { $0.plainTraces }
  }

  private static func span(_ members: String) throws -> PlainSpan {
    try #require(try traces("[[{\(members)}]]").first?.first)
  }

  static let texts: [(json: String, read: PlainText)] = [
    (#""""#, ""), (#""web""#, "web"), ("null", ""), (#""é ✓ 🦉""#, "é ✓ 🦉"), (#""\u0041\u00e9""#, "Aé"),
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\ud83e\udd89""#, "🦉"), (#""\uD83E\uDD89!""#, "🦉!"),
    (#""\ud83e""#, "\u{FFFD}"), (#""\udd89""#, "\u{FFFD}"), (#""\ud83ex""#, "\u{FFFD}x"),
    (#""\ud83e\u0041""#, "\u{FFFD}A"), (#""\ud83e\ud83e\udd89""#, "\u{FFFD}🦉"), (#""\ud83e\n""#, "\u{FFFD}\n"),
    (#""\u0000""#, "\u{0}"), (#""a\\""#, "a\\"),
  ]

  @Test(arguments: texts)
  func `reads a text`(json: String, read: PlainText) throws {
    #expect(try Self.span("\"service\":\(json)").service == read)
    #expect(try Self.span("\"meta\":{\"k\":\(json)}").meta == [Pair("k", read)])
  }

  @Test func `repairs bytes that are not UTF-8, with escapes beside them and without`() throws {
    let body =
      Array(#"[[{"service":"a"#.utf8) + [0xFF, 0xC3] + Array(#"","name":"\n"#.utf8) + [0xE2, 0x82]
      + Array(#"b"}]]"#.utf8)
    let span = try withDecoded(body, TracesJSON.decode) { $0.plainTraces }.first?.first
    #expect(span?.service == "a\u{FFFD}\u{FFFD}")
    #expect(span?.name == "\n\u{FFFD}\u{FFFD}b")
  }

  static let integers: [(json: String, read: UInt64?)] = [
    ("0", 0), ("-0", 0), ("null", 0), ("9007199254740993", 9_007_199_254_740_993), ("18446744073709551615", .max),
    ("-1", .max), ("-9223372036854775808", 1 << 63), ("18446744073709551616", nil), ("-9223372036854775809", nil),
    ("1e3", nil), ("1.0", nil), ("true", nil), ("99999999999999999999999", nil),
    // As text, for clients whose numbers have 53 bits.
    ("\"1\"", 1), ("\"18446744073709551615\"", .max), ("\"-1\"", .max), ("\"007\"", 7),
    ("\"18446744073709551616\"", nil), ("\"-9223372036854775809\"", nil), ("\"\"", nil), ("\"-\"", nil),
    ("\"1x\"", nil), ("\" 1\"", nil), ("\"0x1\"", nil), ("\"1", nil), ("\"\\u0031\"", nil),
  ]

  @Test(arguments: integers)
  func `reads an id with all of its bits`(json: String, read: UInt64?) throws {
    guard let read else {
      #expect(throws: DecodeError.self) { try Self.span("\"trace_id\":\(json)") }
      return
    }
    #expect(try Self.span("\"trace_id\":\(json)").traceID == read)
  }

  static let times: [(json: String, read: Int64?)] = [
    ("1750000020000000001", 1_750_000_020_000_000_001), ("9223372036854775807", .max), ("9223372036854775808", nil),
    ("-9223372036854775808", .min), ("-9223372036854775809", nil), ("-5", -5),
  ]

  @Test(arguments: times)
  func `reads a time of 63 bits and a sign`(json: String, read: Int64?) throws {
    guard let read else {
      let error = #expect(throws: DecodeError.self) { try Self.span("\"start\":\(json)") }
      #expect(error?.kind == .outOfRange)
      return
    }
    #expect(try Self.span("\"start\":\(json)").startNs == read)
  }

  static let numbers: [(json: String, read: Double)] = [
    ("0", 0), ("1", 1), ("-1.5", -1.5), ("0.1", 0.1), ("1e22", 1e22), ("1e23", 1e23),
    ("123456789.125e-3", 123_456.789_125),
    ("9007199254740993", 9_007_199_254_740_992), ("18446744073709551616", 18_446_744_073_709_551_616), ("1E+2", 100),
    ("2.2250738585072014e-308", 2.2250738585072014e-308), ("1e-400", 0), ("null", 0),
    ("5e-324", .leastNonzeroMagnitude),
    ("0.30000000000000004", 0.30000000000000004), ("1.7976931348623157e308", 1.7976931348623157e308), ("-0.0", -0.0),
    ("0.1000000000000000055511151231257827021181583404541015625", 0.1),
    // Half way between two, to even; and a digit more, far behind.
    ("9007199254740993\(zeros(800))e-800", 9_007_199_254_740_992),
    ("9007199254740993\(zeros(800))1e-801", 9_007_199_254_740_994),
    ("9007199254740993.\(zeros(800))1", 9_007_199_254_740_994), ("0.\(zeros(900))125e901", 1.25),
    ("-125\(zeros(900))e-900", -125), ("0.\(zeros(900))", 0), ("0e999999999999999999999", 0),
  ]

  private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }

  @Test(arguments: numbers)
  func `reads a number as the nearest double`(json: String, read: Double) throws {
    #expect(try Self.span("\"metrics\":{\"k\":\(json)}").metrics == [Pair("k", PlainNumber(read))])
  }

  @Test func `reads any double that Swift writes`() throws {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<2000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(try Self.span("\"metrics\":{\"k\":\(value)}").metrics == [Pair("k", PlainNumber(value))], "\(value)")
    }
  }

  @Test func `reads what stands between white space, in any order, and skips what it does not know`() throws {
    let text = """
      [ [ { "name" : "n" , "x" : [ 1, -2.5e3, "a\\n", { "y" : { } , "z" : [ ] }, true, false, null ] ,
        "service":"s","":[[[]]] } , {} ] , [ ] ]
      """
    var named = PlainSpan()
    (named.name, named.service) = ("n", "s")
    #expect(try Self.traces(text) == [[named, PlainSpan()], []])
  }

  @Test func `notes the keys that stages look for`() throws {
    try withDecoded(
      Array(#"[[{"meta":{"env":"prod","db.inst\u0061nce":"d"},"metrics":{"_dd.measured":1}}]]"#.utf8), TracesJSON.decode
    ) { batch in
      let span = batch.spans[0]
      let (env, measured) = (batch.meta(.env, of: span).map { batch.text($0) }, batch.metric(.measured, of: span))
      #expect(env == "prod" && measured == 1 && span.metaKeys.hasPeerTag)
    }
  }

  static let malformed: [(json: String, kind: DecodeError.Kind, text: String)] = [
    ("", .unexpectedEnd, "byte 0, field traces: expected a value, saw the end of the body"),
    ("  ", .unexpectedEnd, "byte 2, field traces: expected a value, saw the end of the body"),
    ("{}", .wrongType, "byte 0, field traces: expected array, saw object"),
    ("[[{]]", .malformed, "byte 3, trace 0, span 0, field span: expected string, saw another character"),
    ("[[{\"a\" 1}]]", .malformed, "byte 7, trace 0, span 0, field span: expected a colon, saw another character"),
    (
      "[[{\"x\":1 \"y\":2}]]", .malformed,
      "byte 9, trace 0, span 0, field span: expected a comma or the end of the object or array, saw another character"
    ),
    (
      "[[{\"name\":\"a\nb\"}]]", .malformed,
      "byte 12, trace 0, span 0, field name: expected a character that may stand in a string, saw a control character"
    ),
    (
      "[[{\"name\":\"\\x\"}]]", .malformed,
      "byte 11, trace 0, span 0, field name: expected an escape sequence, saw another character"
    ),
    (
      "[[{\"trace_id\":1.5}]]", .wrongType, "byte 14, trace 0, span 0, field trace_id: expected integer, saw float"
    ),
    (
      "[[],[{},{\"span_id\":\"x\"}]]", .wrongType,
      "byte 19, trace 1, span 1, field span_id: expected integer, saw string"
    ),
    (
      "[[{\"meta_struct\":{\"k\":\"a\"}}]]", .malformed,
      "byte 23, trace 0, span 0, field meta_struct: expected base64, saw another character"
    ),
    (
      "[[{\"span_links\":[{\"flags\":4294967296}]}]]", .outOfRange,
      "byte 26, trace 0, span 0, field span_links: expected an integer from 0 on that fits 32 bits, saw number"
    ),
    (
      "[[{\"span_links\":[{\"flags\":-1}]}]]", .outOfRange,
      "byte 26, trace 0, span 0, field span_links: expected an integer from 0 on that fits 32 bits, saw number"
    ),
    (
      "[[{}] 1]", .malformed,
      "byte 6, trace 0, span 0, field traces: expected a comma or the end of the object or array, saw another character"
    ),
    ("[[{\"meta\":{\"k\":5}}]]", .wrongType, "byte 15, trace 0, span 0, field meta: expected string, saw number"),
    (
      "[[{\"metrics\":{\"k\":\"5\"}}]]", .wrongType,
      "byte 18, trace 0, span 0, field metrics: expected number, saw string"
    ),
  ]

  @Test(arguments: malformed)
  func `says where, what was expected and what was there`(json: String, kind: DecodeError.Kind, text: String) {
    let error = #expect(throws: DecodeError.self) { try Self.traces(json) }
    #expect(error?.description == text)
    #expect(error?.kind == kind)
  }

  @Test(arguments: [
    "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "1.e5", "tru", "nul", "nan", "Infinity", "[1,]", "[,1]",
    "{\"a\":1,}",
    "{,}", "[1 2]", "{\"a\":}", "{1:2}", "{null:1}", "\"\\u12G4\"", "\"\\u12", "\"abc", "]", "}", "'a'", "[1}",
    "{\"a\":1]",
    "1e400x",
  ])
  func `refuses what is no JSON, also in what it skips`(json: String) {
    #expect(throws: DecodeError.self) { try Self.traces("[[{\"unknown\":\(json)}]]") }
  }

  @Test func `refuses a number that no double holds`() {
    let error = #expect(throws: DecodeError.self) { try Self.span("\"metrics\":{\"k\":1e400}") }
    #expect(error?.kind == .outOfRange)
  }

  @Test(arguments: ["[", "{\"k\":"])
  func `goes 64 levels deep and no deeper`(level: String) throws {
    func nested(_ depth: Int) -> String {
      "[[{\"x\":" + String(repeating: level, count: depth) + "1"
        + String(repeating: level == "[" ? "]" : "}", count: depth) + "}]]"
    }
    #expect(try Self.traces(nested(61)) == [[PlainSpan()]])
    for depth in [62, 63, 1000, 100_000] {
      let error = #expect(throws: DecodeError.self) { try Self.traces(nested(depth)) }
      #expect(error?.kind == .tooDeep)
    }
  }

  @Test func `refuses a document wherever it is cut off`() {
    let text = Array(#"[[{"name":"a\u00e9","x":[1.5e3,{"y":null}],"meta":{"env":"p"},"metrics":{"k":2.5}}]]"#.utf8)
    for count in 0..<text.count {
      let error = #expect(throws: DecodeError.self) {
        try withDecoded(Array(text.prefix(count)), TracesJSON.decode) { $0.plainTraces }
      }
      #expect(error?.kind == .unexpectedEnd, "after \(count) bytes")
    }
  }

  @Test func `survives any bytes`() {
    let corpus = [
      #"[[{"name":"a\u00e9\ud83e\udd89","x":[1.5e3,{"y":null}],"meta":{"env":"p"},"metrics":{"k":-2.5}}],[{}]]"#,
      #"[[{"trace_id":18446744073709551615,"start":-1,"error":1,"service":"é"}]]"#,
    ].map { Array($0.utf8) }
    var mutator = Mutator(seed: 81, corpus: corpus)
    var refused = 0
    for _ in 0..<4_000 {
      let body = mutator.next()
      if (try? withDecoded(body, TracesJSON.decode) { $0.spans.count }) == nil { refused += 1 }
    }
    #expect(refused > 1_000 && refused < 4_000)
  }
}
