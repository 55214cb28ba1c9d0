import Testing

@testable import Statistics

@Suite struct `The kind of a span` {
  @Test(arguments: [
    ("server", true, false, false), ("client", true, true, false), ("producer", true, true, false),
    ("consumer", true, true, false), ("internal", false, false, true), ("", false, false, true),
    ("SERVER", true, false, false), ("Client", true, true, false), ("ConSumer", true, true, false),
    ("INTERNAL", false, false, true), ("servers", false, false, false), ("server  ", false, false, false),
    ("server\0\0", false, false, false), ("serve", false, false, false), ("worker", false, false, false),
    ("producers", false, false, false), ("internet", false, false, false), ("clíent", false, false, false),
  ])
  func `counts by itself, has a peer, or stays inside, in whatever case`(
    kind: String, isCounted: Bool, hasPeer: Bool, isInternal: Bool
  ) {
    Array(kind.utf8).withUnsafeBytes {
      #expect(SpanDimensions.isCountedKind($0) == isCounted)
      #expect(SpanDimensions.hasPeer($0) == hasPeer)
      #expect(SpanDimensions.isInternal($0) == isInternal)
    }
  }
}
