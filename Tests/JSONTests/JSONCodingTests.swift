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
