import Foundation
import JSON
import Testing

@Suite("JSON documents")
struct JSONWritingTests {
  @Test("A document is indented and keeps its keys' order")
  func layout() {
    let document = JSONValue.object([
      ("b", .int(-1)), ("a", .array([.bool(true), .null, .double(0.5)])), ("empty", .array([])), ("none", .object([])),
    ])
    #expect(
      document.text == """
        {
          "b": -1,
          "a": [
            true,
            null,
            0.5
          ],
          "empty": [],
          "none": {}
        }
        """)
  }

  @Test("Every character of the first planes comes back through another reader")
  func escapes() throws {
    let scalars = (0...0xffff as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
    let text = String(String.UnicodeScalarView(scalars))
    let written = JSONValue.array([.string(text)]).text
    let read = try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String]
    #expect(read?.first?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    #expect(!written.dropFirst(4).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(!written.unicodeScalars.contains { (0x7f...0x9f).contains($0.value) })
  }

  @Test("A character that has to be escaped is, wherever it stands in a text")
  func escapesAtEachPlace() throws {
    for scalar in [0x00, 0x1b, 0x1f, 0x22, 0x5c, 0x7f, 0x85, 0x2028].compactMap(Unicode.Scalar.init) {
      for place in 0..<19 {
        var text = String(repeating: " ~", count: place / 2) + (place % 2 == 0 ? "" : "]")
        text.unicodeScalars.append(scalar)
        text += String(repeating: "a", count: 18 - place)
        let written = JSONValue.string(text).compactText
        #expect(written.utf8.count > 21, "\(written)")
        #expect(try JSONValue.parse(written).string == text)
      }
    }
  }

  @Test("Bytes that are not UTF-8 were repaired before they are written")
  func invalidBytes() {
    let text = String(decoding: [0x61, 0xff, 0x62] as [UInt8], as: UTF8.self)
    #expect(JSONValue.string(text).text == "\"a\u{fffd}b\"")
  }

  @Test(
    "Numbers are JSON at their extremes",
    arguments: [
      (.double(.nan), "null"), (.double(.infinity), "null"), (.uint(.max), "18446744073709551615"),
      (.int(.min), "-9223372036854775808"), (.double(0.1), "0.1"), (.double(3), "3.0"),
    ] as [(JSONValue, String)])
  func numbers(_ value: JSONValue, _ text: String) { #expect(value.text == text) }
}
