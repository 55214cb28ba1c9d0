import Testing

@testable import Receiver

@Suite("Request headers")
struct HeaderTests {
  @Test(
    "a boolean header is true unless it says no in Go's words",
    arguments: [
      ("", false), ("1", true), ("t", true), ("T", true), ("TRUE", true), ("true", true), ("True", true),
      ("0", false), ("f", false), ("F", false), ("FALSE", false), ("false", false), ("False", false),
      ("no", true), ("off", true), ("yes", true), ("fALSE", true), ("falsey", true), ("2", true), (" ", true),
    ])
  func boolean(_ text: String, _ expected: Bool) {
    #expect(Array(text.utf8).withUnsafeBytes { HeaderValue.isTrue($0) } == expected)
  }

  @Test(
    "an integer header is a decimal number of 64 bits or nothing",
    arguments: [
      ("0", 0), ("42", 42), ("-7", -7), ("+7", 7), ("007", 7), ("", nil), ("-", nil), ("1x", nil), ("x", nil),
      ("1.5", nil), (" 1", nil), ("9223372036854775807", .max), ("9223372036854775808", nil),
      ("-9223372036854775808", .min), ("-9223372036854775809", nil), ("99999999999999999999999", nil),
    ] as [(String, Int64?)])
  func integer(_ text: String, _ expected: Int64?) {
    #expect(Array(text.utf8).withUnsafeBytes { HeaderValue.integer($0) } == expected)
  }

  @Test("every known header is found by its name in any case", arguments: KnownHeader.allCases)
  func findsKnown(_ header: KnownHeader) {
    let index = HeaderIndex()
    for name in ["\(header.name)", "\(header.name)".lowercased(), "\(header.name)".uppercased()] {
      #expect(Array(name.utf8).withUnsafeBytes { index.find($0) } == header)
    }
  }

  @Test(
    "a name that nobody reads is not found",
    arguments: [
      "", "X", "Accept", "Content-Typf", "Content-Type ", "Datadog-Meta-Lang-", String(repeating: "a", count: 500),
    ])
  func skipsUnknown(_ name: String) {
    let index = HeaderIndex()
    #expect(Array(name.utf8).withUnsafeBytes { index.find($0) } == nil)
  }

  @Test("comparing without case takes only letters as equal")
  func caseFolding() {
    #expect(Array("aZ-1".utf8).withUnsafeBytes { $0.equalsIgnoringCase("Az-1") })
    // '@' and '`', '[' and '{' differ by the bit that letters of two cases differ by.
    #expect(!Array("@".utf8).withUnsafeBytes { $0.equalsIgnoringCase("`") })
    #expect(!Array("[".utf8).withUnsafeBytes { $0.equalsIgnoringCase("{") })
  }

  @Test("the first of two equal headers counts, and an empty one is present")
  func firstWins() {
    let slots = UnsafeMutablePointer<UnsafeRawBufferPointer>.allocate(capacity: KnownHeader.allCases.count)
    slots.initialize(
      repeating: UnsafeRawBufferPointer(start: nil, count: 0), count: KnownHeader.allCases.count)
    defer { slots.deallocate() }
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    let line = RequestLine(method: nothing, target: nothing, targetBytes: 0, version: nothing)
    var collector = HeaderCollector(
      index: HeaderIndex(), slots: slots, empty: UnsafeRawPointer(slots), rules: HeadRules(line))
    let lines = [("datadog-meta-lang", "python"), ("Datadog-Meta-Lang", "ruby"), ("x-other", "1")]
    let kept = lines.map { (Array($0.0.utf8), Array($0.1.utf8)) }
    func withAll(_ rest: ArraySlice<([UInt8], [UInt8])>, _ body: () -> Void) {
      guard let first = rest.first else { return body() }
      first.0.withUnsafeBytes { name in
        first.1.withUnsafeBytes { value in
          collector.collect(name, value)
          withAll(rest.dropFirst(), body)
        }
      }
    }
    withAll(kept[...]) {
      let via: StaticString = "Via"
      collector.collect(
        UnsafeRawBufferPointer(start: via.utf8Start, count: 3), UnsafeRawBufferPointer(start: nil, count: 0))
      let headers = RequestHeaders(slots: slots)
      #expect(headers.string(.metaLang) == "python")
      #expect(headers.contains(.via))
      #expect(headers.string(.via) == "")
      #expect(!headers.contains(.host))
      #expect(headers.string(.host) == nil)
      #expect(!headers.isTrue(.via))
    }
  }
}
