import TestSpans
import Testing

@testable import Processing

@Suite struct TruncationTests {
  private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test func `a resource is cut at its limit without a mark`() throws {
    let span = TestSpan().with { $0.resource = Self.text(16_000) }
    #expect(try process(span).span.resource == Self.text(5_000))
    var configuration = ProcessingConfiguration()
    configuration.resourceBytesMax = 15_000
    #expect(try process([[span]], configuration).span.resource == Self.text(15_000))
  }

  @Test func `a cut never splits a character`() throws {
    let span = TestSpan().with { $0.resource = "x" + String(repeating: "é", count: 3_000) }
    #expect(try process(span).span.resource == "x" + String(repeating: "é", count: 2_499))
  }

  @Test(
    arguments: [
      ("short", 25_000, false), ("short", 25_001, true), ("_dd.stack.json", 30_000, false),
      ("_dd.x.msgpack", 30_000, false),
      ("_dd.x.protobuf", 30_000, false), ("_dd.x.txt", 30_000, true), ("x.json", 30_000, true),
      ("_dd.json", 30_000, false),
    ] as [(String, Int, Bool)])
  func `a long value is cut with dots, a structured one of ours never`(key: String, count: Int, isCut: Bool) throws {
    let seen = try process(TestSpan().meta(key, Self.text(count))).span
    #expect(seen.meta[key] == (isCut ? Self.text(25_000) + "..." : Self.text(count)))
  }

  @Test func `long keys are cut with dots`() throws {
    let span = TestSpan().meta(Self.text(201), "a").meta("y" + Self.text(199), "b").metric(Self.text(201), 1)
    let seen = try process(span).span
    #expect(seen.meta == [Self.text(200) + "...": "a", "y" + Self.text(199): "b"])
    #expect(seen.metrics == [Self.text(200) + "...": 1])
  }

  @Test func `key and value are both cut`() throws {
    let seen = try process(TestSpan().meta(Self.text(300), Self.text(25_001))).span
    #expect(seen.meta == [Self.text(200) + "...": Self.text(25_000) + "..."])
  }
}
