import TestFixtures
import Testing

@testable import JSON

@Suite("Documents read")
struct JSONParserTests {
  /// A value as a text of its own, as `fixtures/vectors/json_computed.py` writes it.
  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .null: return "n"
    case .bool(let value): return value ? "t" : "f"
    case .int(let value): return "i\(value)"
    case .uint(let value): return "i\(value)"
    case .double(let value):
      let bits = String(value.bitPattern, radix: 16)
      return "d" + String(repeating: "0", count: 16 - bits.count) + bits
    case .string(let value): return "s" + hex(Array(value.utf8))
    case .array(let elements): return "[" + elements.map(shown).joined(separator: " ") + "]"
    case .object(let members):
      return "{" + members.map { "\(shown(.string($0.0))) \(shown($0.1))" }.joined(separator: " ") + "}"
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
  }

  private static func error(_ bytes: [UInt8]) -> JSONError? {
    do throws(JSONError) {
      _ = try JSONValue.parse(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    arguments: [
      // Nothing, and what is no value.
      ("", 0, "a value"), (" \n", 2, "a value"), ("\u{0}", 0, "a value"), ("\u{FEFF}1", 0, "a value"),
      ("\u{A0}1", 0, "a value"), ("\u{B}1", 0, "a value"), ("'a'", 0, "a value"), ("NaN", 0, "a value"),
      ("Infinity", 0, "a value"), ("+1", 0, "a value"), (".5", 0, "a value"), ("// c", 0, "a value"),
      ("]", 0, "a value"), ("True", 0, "a value"),
      // Words.
      ("nul", 0, "\"null\""), ("tRue", 0, "\"true\""), (" fals ", 1, "\"false\""),
      // Numbers.
      ("-", 1, "a digit"), ("-a", 1, "a digit"), ("-Infinity", 1, "a digit"), ("1.", 2, "a digit"),
      ("1.e5", 2, "a digit"), ("1e", 2, "a digit"), ("1e+", 3, "a digit"), ("1E-x", 3, "a digit"),
      ("01", 1, "the end of the document"), ("-012", 2, "the end of the document"),
      ("[00]", 2, "a comma or \"]\""), ("0x10", 1, "the end of the document"), ("1_000", 1, "the end of the document"),
      ("1e400", 0, "a number within the range of doubles"), ("[1, -1e999]", 4, "a number within the range of doubles"),
      // Strings.
      ("\"", 1, "the end of the string"), ("\"abc", 4, "the end of the string"), ("\"a\nb\"", 2, control),
      ("\"\u{0}\"", 1, control), ("\"\u{1F}\"", 1, control), ("\"\\", 2, "an escape"), ("\"\\x41\"", 2, "an escape"),
      ("\"\\'\"", 2, "an escape"), ("\"\\U0041\"", 2, "an escape"), ("\"\\u\"", 3, digits), ("\"\\u12", 5, digits),
      ("\"\\u12G4\"", 5, digits), ("\"\\u+123\"", 3, digits), ("\"\\u 123\"", 3, digits), ("\"\\u００４１\"", 3, digits),
      ("\"\\ud83d\\u\"", 9, digits), ("\"\\ud83d\\ude\"", 11, digits), ("\"\\ud83d\\q\"", 8, "an escape"),
      // Arrays.
      ("[", 1, "a value"), ("[1", 2, "a comma or \"]\""), ("[1,", 3, "a value"), ("[1,]", 3, "a value"),
      ("[,1]", 1, "a value"), ("[1 2]", 3, "a comma or \"]\""), ("[1}", 2, "a comma or \"]\""),
      // Objects.
      ("{", 1, "a key"), ("{1:2}", 1, "a key"), ("{a:2}", 1, "a key"), ("{\"a\"", 4, "a colon"),
      ("{\"a\"}", 4, "a colon"), ("{\"a\" 1}", 5, "a colon"), ("{\"a\":", 5, "a value"), ("{\"a\":}", 5, "a value"),
      ("{\"a\":1", 6, "a comma or \"}\""), ("{\"a\":1,", 7, "a key"), ("{\"a\":1,}", 7, "a key"),
      ("{\"a\":1]", 6, "a comma or \"}\""), ("{,}", 1, "a key"), ("{\"a\u{9}\":1}", 3, control),
      // Something behind the document.
      ("1 2", 2, "the end of the document"), ("{} {}", 3, "the end of the document"),
      ("null\u{0}", 4, "the end of the document"), ("[]]", 2, "the end of the document"),
      ("\"a\"b", 3, "the end of the document"), ("truefalse", 4, "the end of the document"),
    ] as [(String, Int, String)]) func `what is not JSON is refused at the byte that does not fit`(
      text: String, offset: Int, expected: String
    )
  {
    #expect(Self.error(Array(text.utf8)) == JSONError(byteOffset: offset, expected: expected))
  }

  private static let control = "no control character in a string"
  private static let digits = "four hexadecimal digits"

  @Test(
    arguments: [
      (" \t\r\n null \n", "n"), ("true", "t"), ("false", "f"),
      // Whole numbers keep all their digits while they fit 64 bits.
      ("0", "i0"), ("-0", "i0"), ("9223372036854775807", "i9223372036854775807"),
      ("-9223372036854775808", "i-9223372036854775808"), ("9223372036854775808", "i9223372036854775808"),
      ("18446744073709551615", "i18446744073709551615"), ("18446744073709551616", "d43f0000000000000"),
      ("-9223372036854775809", "dc3e0000000000000"),
      // Others are doubles, rounded as everywhere.
      ("-0.0", "d8000000000000000"), ("1.0", "d3ff0000000000000"), ("1E2", "d4059000000000000"),
      ("1e+2", "d4059000000000000"), ("0.1", "d3fb999999999999a"), ("5e-324", "d0000000000000001"),
      ("1e-999", "d0000000000000000"), ("1.7976931348623157e308", "d7fefffffffffffff"),
      ("0.1000000000000000055511151231257827021181583404541015625", "d3fb999999999999a"),
      // Strings.
      ("\"\"", "s"), ("\"a\u{7F}\u{2028}\"", "s617fe280a8"), ("\"é😀\"", "sc3a9f09f9880"),
      ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "s225c2f080c0a0d09"), ("\"\\u0041\\u00e9\\u20AC\"", "s41c3a9e282ac"),
      ("\"\\u0000\"", "s00"), ("\"\\ud83d\\ude00\"", "sf09f9880"), ("\"\\uD83D\\uDE00\"", "sf09f9880"),
      ("\"\\udbff\\udfff\"", "sf48fbfbf"), ("\"\\ufeff\\uffff\"", "sefbbbfefbfbf"),
      // Half a pair is one U+FFFD, and what follows stays.
      ("\"\\ud83d\"", "sefbfbd"), ("\"\\ude00\"", "sefbfbd"), ("\"\\ud83dx\"", "sefbfbd78"),
      ("\"\\ud83d\\u0041\"", "sefbfbd41"), ("\"\\ud83d\\n\"", "sefbfbd0a"),
      ("\"\\ud83d\\ud83d\\ude00\"", "sefbfbdf09f9880"), ("\"\\ude00\\ud83d\"", "sefbfbdefbfbd"),
      // Arrays and objects, with their members in order.
      ("[]", "[]"), ("[ 1 , [ ] , { } ]", "[i1 [] {}]"), ("{ \"b\" : 1 , \"a\" : [ ] }", "{s62 i1 s61 []}"),
      ("{\"a\":1,\"a\":2}", "{s61 i1 s61 i2}"), ("{\"\":0,\"\\u0061\":1}", "{s i0 s61 i1}"),
    ] as [(String, String)]) func `what is JSON is read exactly`(text: String, expected: String) throws
  {
    #expect(Self.shown(try JSONValue.parse(text)) == expected)
  }

  @Test func `of a key given twice the last counts`() throws {
    let value = try JSONValue.parse("{\"a\":1,\"b\":2,\"a\":3}")
    #expect(value["a"]?.integer == 3 && value.members?.count == 3)
    #expect(value["c"] == nil && JSONValue.null["a"] == nil)
  }

  @Test(
    arguments: [
      ([0xFF], "efbfbd"), ([0xC3], "efbfbd"), ([0xC0, 0x80], "efbfbdefbfbd"),
      ([0xED, 0xA0, 0x80], "efbfbdefbfbdefbfbd"),
      ([0xF0, 0x9F, 0x98], "efbfbd"), ([0xF4, 0x90, 0x80, 0x80], "efbfbdefbfbdefbfbdefbfbd"),
      ([0x41, 0x80], "41efbfbd"),
    ] as [([UInt8], String)]) func `broken UTF-8 in a string is repaired, and outside it is refused`(
      broken: [UInt8], expected: String
    ) throws
  {
    #expect(Self.shown(try JSONValue.parse([0x22] + broken + [0x22])) == "s" + expected)
    #expect(Self.error([0x20] + broken)?.byteOffset == 1)
    #expect(Self.error([0x5B, 0x31] + broken.filter { $0 >= 0x80 })?.byteOffset == 2)
  }

  @Test func `nesting is read to a depth of 64 and no deeper, however deep it goes`() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      func nested(_ depth: Int, _ inner: String) -> String {
        String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
      }
      #expect(Self.error(Array(nested(64, "1").utf8)) == nil)
      let tooDeep = JSONError(byteOffset: 64 * open.utf8.count, expected: "at most 64 levels")
      #expect(Self.error(Array(nested(65, "1").utf8)) == tooDeep)
      #expect(Self.error(Array(nested(100_000, "").utf8)) == tooDeep)
      #expect(Self.error(Array(String(repeating: open, count: 100_000).utf8)) == tooDeep)
    }
  }

  @Test func `long texts are read whole`() throws {
    let long = String(repeating: "é\\n", count: 100_000)
    #expect(try JSONValue.parse("\"\(long)\"").string?.utf8.count == 300_000)
    let zeros = String(repeating: "0", count: 10_000)
    #expect(try JSONValue.parse("0.\(zeros)1").number == 0)
    #expect(Self.error(Array("1\(zeros)".utf8))?.byteOffset == 0)
    #expect(try JSONValue.parse("[" + String(repeating: "1,", count: 100_000) + "1]").elements?.count == 100_001)
  }

  @Test func `texts are read and refused as Python's json module does`() throws {
    let cases = try Fixtures.vectors("json_computed")
    #expect(cases.count > 500)
    for one in cases {
      let input = Self.bytes(hex: try #require(one["input"] as? String))
      let seen: String?
      do { seen = Self.shown(try JSONValue.parse(input)) } catch { seen = nil }
      #expect(seen == one["expected"] as? String, "of \(String(decoding: input, as: UTF8.self).debugDescription)")
    }
  }

  @Test func `what is written reads back the same, and every part of it that ends too early is refused there`() throws {
    for one in try Fixtures.vectors("json_computed") {
      guard let expected = one["expected"] as? String else { continue }
      let value = try JSONValue.parse(Self.bytes(hex: try #require(one["input"] as? String)))
      #expect(Self.shown(try JSONValue.parse(value.compactText)) == expected)
      #expect(Self.shown(try JSONValue.parse(value.text)) == expected)
      guard value.members != nil || value.elements != nil || value.string != nil else { continue }
      let whole = Array(value.compactText.utf8)
      for length in 0..<whole.count {
        let error = try #require(Self.error(Array(whole[..<length])))
        // A word that was cut off is refused at its first byte.
        #expect(error.byteOffset == length || error.expected.hasPrefix("\""), "\(value.compactText), \(length) bytes")
      }
    }
  }
}
