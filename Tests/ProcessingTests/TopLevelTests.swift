import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Processing

@Suite struct TopLevelTests {
  private static func span(_ fields: [String: Any]) -> TestSpan {
    var span = TestSpan(
      (fields["SpanID"] as? UInt64) ?? 0, parent: (fields["ParentID"] as? UInt64) ?? 0)
    span.traceID = (fields["TraceID"] as? UInt64) ?? 1
    span.service = fields["Service"] as? String ?? ""
    for (key, value) in fields["Metrics"] as? [String: Double] ?? [:] { span = span.metric(key, value) }
    return span
  }

  /// Marks as they come out of this one step: no normalizing before it.
  private static func marks(_ trace: [TestSpan], clientComputed: Bool) throws -> [Bool] {
    try withBatch([trace]) { batch in
      var context = ProcessingContext(
        RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: clientComputed))
      context.spanIDs.begin(count: trace.count)
      for (position, span) in trace.enumerated() { _ = context.spanIDs.insert(span.spanID, position: position) }
      var step = TopLevelStep()
      #expect(step.process(&batch, chunk: 0, &context) == nil)
      return SeenBatch(batch).spans.map { $0.flags.contains(.topLevel) }
    }
  }

  @Test func `spans are top-level as the vectors say`() throws {
    let cases = try Fixtures.vectors("top_level_expected")
    #expect(cases.count > 5)
    for one in cases {
      let trace = (one["spans"] as? [[String: Any]] ?? []).map(Self.span)
      let expected = try #require(one["top_level"] as? [Bool])
      let computed = one["client_computed"] as? Bool ?? false
      #expect(try Self.marks(trace, clientComputed: computed) == expected, "\(one["name"] ?? "")")
    }
  }

  @Test func `the published inputs are among those of the vectors`() throws {
    let groups = try #require(Fixtures.json("vectors/top_level.json") as? [String: Any])["groups"] as? [[String: Any]]
    let own = try Fixtures.vectors("top_level_expected").map { ($0["spans"] as? [[String: Any]] ?? []).count }
    for group in groups ?? [] {
      let count = (group["cases"] as? [[String: Any]] ?? []).count
      #expect(own.contains(count), "a published trace of \(count) spans has no expectation")
    }
  }

  @Test func `services are compared as they are after normalizing`() throws {
    let trace = [TestSpan().with { $0.service = "web" }, TestSpan(2, parent: 1).with { $0.service = "Web" }]
    #expect(try process([trace]).batch.spans.map { $0.flags.contains(.topLevel) } == [true, false])
  }

  @Test func `with the client's own marks only those count`() throws {
    let trace = [TestSpan(), TestSpan(2, parent: 1).with { $0.service = "db" }.metric("_dd.top_level", 1)]
    let seen = try process([trace], clientComputedTopLevel: true).batch.spans
    #expect(seen.map { $0.flags.contains(.topLevel) } == [false, true])
  }

  @Test(
    arguments: [
      ("_dd.measured", 1, SpanFlags.measured), ("_dd.measured", 0, []), ("_dd.measured", 2, []),
      ("_dd.partial_version", 0, .partialSnapshot), ("_dd.partial_version", 17, .partialSnapshot),
      ("_dd.partial_version", -1, []), ("_dd.top_level", 1, .topLevel), ("_dd.top_level", 0.5, []),
      ("_top_level", 1, .topLevel),
    ] as [(String, Double, SpanFlags)])
  func `the tracer's marks are read`(key: String, value: Double, expected: SpanFlags) throws {
    let trace = [TestSpan(), TestSpan(2, parent: 1).metric(key, value)]
    #expect(try process([trace]).batch.spans[1].flags == expected)
  }
}
