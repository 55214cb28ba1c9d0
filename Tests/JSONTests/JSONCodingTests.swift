import JSON
import Testing

@Suite("Values to documents and back")
struct JSONCodingTests {
  enum Outcome: String, Codable {
    case timedOut = "timed_out"
    case refused
  }

  struct Part: Equatable, DecodableWithDefaults {
    var pid: Int64
    var isAPIKeyWellFormed = true
    var ownerUID: UInt32 = 7
    static var decodingDefaults: Part { Part(pid: 0) }
    static var requiredMembers: [String] { ["pid"] }
  }

  struct Whole: Equatable, DecodableWithDefaults {
    var name = "usual"
    var ratio = 0.5
    var large = UInt64.max
    var nothing: String?
    var outcome = Outcome.refused
    var counts: [String: Int] = ["DD_ENV": 1]
    var part = Part(pid: 3)
    var parts: [Part] = []
    static var decodingDefaults: Whole { Whole() }
  }

  private func decode(_ text: String) throws -> Whole { try JSONValueDecoder.decode(Whole.self, from: .parse(text)) }

  @Test func `every member comes back as it was`() throws {
    let value = Whole(
      name: "\u{1b}\"ü", ratio: 1, large: 1 << 63, nothing: "some", outcome: .timedOut, counts: ["aB": 2, "a_b": 3],
      part: Part(pid: .min, isAPIKeyWellFormed: false), parts: [Part(pid: 1), Part(pid: 2, ownerUID: .max)])
    #expect(try decode(JSONValueEncoder.encode(value).text) == value)
  }

  @Test func `names are in snake case, keys of dictionaries stay, and nil is left out`() throws {
    #expect(
      try JSONValueEncoder.encode(Whole(counts: ["aB": 2])).compactText
        == #"{"name":"usual","ratio":0.5,"large":18446744073709551615,"outcome":"refused","counts":{"aB":2},"#
        + #""part":{"pid":3,"is_api_key_well_formed":true,"owner_uid":7},"parts":[]}"#)
  }

  @Test func `what a document leaves out has its usual value, in lists too`() throws {
    #expect(try decode("{}") == Whole())
    let value = try decode(#"{"ratio": 2, "counts": {}, "parts": [{"pid": 9}], "part": {"pid": 4, "owner_uid": 1}}"#)
    #expect(value == Whole(ratio: 2, counts: [:], part: Part(pid: 4, ownerUID: 1), parts: [Part(pid: 9)]))
  }

  @Test(
    arguments: [
      (#"{"nmae": "x"}"#, #""nmae" is not known here"#),
      (#"{"part": {}}"#, #"part: "pid" is missing"#),
      (#"{"parts": [{"pid": 1}, {"pid": 1, "x": 2}]}"#, #"parts[1]: "x" is not known here"#),
      (#"{"parts": [{"pid": "1"}]}"#, "parts[0].pid: expected a whole number that fits Int64, found a text"),
      (
        #"{"part": {"pid": 1, "owner_uid": -1}}"#,
        "part.owner_uid: expected a whole number that fits UInt32, found a number"
      ),
      (#"{"counts": {"DD_ENV": 1.5}}"#, "counts.DD_ENV: expected a whole number that fits Int, found a number"),
      (#"{"counts": []}"#, "counts: expected an object, found a list"),
      (#"{"parts": null}"#, "parts: expected a list, found null"),
      ("3", "expected an object, found a number"),
    ]) func `a document that does not fit is refused with the place`(text: String, message: String)
  {
    #expect(throws: JSONCodingError.self) { try decode(text) }
    do { _ = try decode(text) } catch { #expect("\(error)" == message) }
  }
}

@Suite("Values and documents of different versions")
struct LenientDecodingTests {
  struct Inner: Equatable, Codable {
    var hits: UInt64
    var name: String
  }

  struct Older: Equatable, Codable {
    var text: String
    var flag: Bool
    var count: UInt64
    var share: Double
    @Timestamp var seenNs: Int64
    var note: String?
    var limit: Int64?
    var seen: Timestamp?
    var last: Inner?
    var inner: Inner
    var rows: [Inner]
    var texts: [String]
    var counts: [String: UInt64]
    @Flattened var flat: Flat
  }

  struct Flat: Equatable, Codable, NamedMembers {
    var bytes: UInt64
    var traceCount: UInt64
    static let memberNames = ["traceCount": "traces"]
  }

  static let blank = Older(
    text: "", flag: false, count: 0, share: 0, seenNs: 0, inner: Inner(hits: 0, name: ""), rows: [], texts: [],
    counts: [:], flat: Flat(bytes: 0, traceCount: 0))

  private func read(_ text: String) throws -> Older {
    try JSONValueDecoder.decode(from: .parse(text), reading: .lenient)
  }

  @Test(arguments: ["{}", "null", "7", "[]", #""text""#, #"{"from_the_future": {"a": [1]}}"#])
  func `what is missing is zero, empty or nil, and what nobody knows is skipped`(text: String) throws {
    #expect(try read(text) == Self.blank)
  }

  @Test func `what is of another kind reads as if it were missing`() throws {
    let all = """
      {"text": 1, "flag": "yes", "count": -1, "share": "much", "seen_ns": "noon", "note": 5, "limit": 1.5, "seen": 3,
       "last": 4, "inner": [], "rows": {"a": 1}, "texts": "x", "counts": [1], "bytes": null, "traces": "2"}
      """
    #expect(try read(all) == Self.blank)
  }

  @Test func `what is wrong inside of a list or an object leaves the rest as it is`() throws {
    let value = try read(#"{"rows": [{"hits": 1}, 5, {"name": "b", "hits": "x"}], "counts": {"a": 1, "b": "c"}}"#)
    #expect(value.rows == [Inner(hits: 1, name: ""), Inner(hits: 0, name: ""), Inner(hits: 0, name: "b")])
    #expect(value.counts == ["a": 1, "b": 0])
  }

  enum Outcome: String, Codable {
    case arrived
    case refused
  }

  struct Choices: Equatable, DecodableWithDefaults {
    var usual = Outcome.refused
    var optional: Outcome?
    static var decodingDefaults: Choices { Choices() }
  }

  @Test(
    arguments: [#"{"usual": "unheard_of", "optional": "unheard_of"}"#, #"{"usual": 1, "optional": []}"#, "{}"])
  func `an unknown choice is nil or the type's default`(text: String) throws {
    let value: Choices = try JSONValueDecoder.decode(from: .parse(text), reading: .lenient)
    #expect(value == Choices())
  }

  @Test func `a known choice is taken, and an unknown one read strictly is refused`() throws {
    let known = #"{"usual": "arrived", "optional": "refused"}"#
    let value: Choices = try JSONValueDecoder.decode(from: .parse(known), reading: .lenient)
    #expect(value == Choices(usual: .arrived, optional: .refused))
    #expect(throws: JSONCodingError.self) {
      try JSONValueDecoder.decode(Choices.self, from: .parse(#"{"optional": "unheard_of"}"#))
    }
  }

  @Test func `a dictionary of many keys comes back, and of a key that is there twice the last value`() throws {
    let counts = Dictionary(uniqueKeysWithValues: (0..<10_000).map { ("key\($0)", $0) })
    let document = JSONValue.sorted(counts) { .int(Int64($0)) }
    #expect(try JSONValueDecoder.decode([String: Int].self, from: document) == counts)
    let twice = JSONValue.object([("a", .int(1)), ("a", .int(2))])
    #expect(try JSONValueDecoder.decode([String: Int].self, from: twice) == ["a": 2])
  }

  @Test(arguments: [JSONValueDecoder.Reading.strict, .lenient])
  func `what is right comes back`(reading: JSONValueDecoder.Reading) throws {
    var value = Self.blank
    value.seenNs = 1_795_503_600_123_456_789
    value.seen = Timestamp(unixNs: 1)
    value.note = ""
    value.limit = .min
    value.last = Inner(hits: .max, name: "x")
    value.rows = [Inner(hits: 1, name: "\u{0}")]
    value.flat = Flat(bytes: 2, traceCount: 3)
    let document = try JSONValueEncoder.encode(value)
    #expect(try JSONValueDecoder.decode(Older.self, from: .parse(document.compactText), reading: reading) == value)
  }

  @Test func `read strictly, a flattened member is known, and one of nobody is not`() throws {
    struct Holder: Codable { @Flattened var flat: Flat }
    #expect(
      try JSONValueDecoder.decode(Holder.self, from: .parse(#"{"bytes": 1, "traces": 2}"#)).flat
        == Flat(bytes: 1, traceCount: 2))
    #expect(throws: JSONCodingError.self) {
      try JSONValueDecoder.decode(Holder.self, from: .parse(#"{"bytes": 1, "trace_count": 2}"#))
    }
  }

  @Test func `flattened members stand in the place of their property, and data is sorted by its keys`() throws {
    struct Holder: Codable {
      var first = 1
      @Flattened var flat = Flat(bytes: 2, traceCount: 3)
      var last = ["b": 5, "": 4, "aB": 6]
    }
    #expect(
      try JSONValueEncoder.encode(Holder()).compactText
        == #"{"first":1,"bytes":2,"traces":3,"last":{"":4,"aB":6,"b":5}}"#)
  }
}

@Suite("Documents with a schema")
struct JSONDocumentTests {
  struct Answer: JSONDocument, NamedMembers {
    static let schema = "roost.answer.v1"
    static let internalMembers: Set = ["now_ns"]
    static let memberNames = ["rows": "answers"]
    var rows = [1, 2]
    var nowNs = 3
    var inner = ["now_ns": 4]
  }

  @Test func `begin with the schema and keep internal members to themselves`() throws {
    #expect(
      Answer().document.compactText == #"{"schema":"roost.answer.v1","answers":[1,2],"inner":{"now_ns":4}}"#)
    #expect(
      try JSONValueEncoder.encode(Answer()).compactText == #"{"answers":[1,2],"now_ns":3,"inner":{"now_ns":4}}"#)
  }
}
