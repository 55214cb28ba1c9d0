import Decoding
import TestSpans
import Testing
import TraceModel

@testable import Processing

/// The reasons for which traces of a raw body are removed.
func processBody(_ body: [UInt8]) throws -> [String] {
  try body.withUnsafeBytes { raw in
    var batch = SpanBatch()
    batch.begin(body: raw)
    var scratch = DecodingScratch()
    try TracesV04.decode(raw.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
    var processor = Processor(configuration: ProcessingConfiguration())
    processor.process(&batch, RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
    return Processed(batch: SeenBatch(batch), counts: processor.counts).removed
  }
}

@Suite struct PayloadRuleTests {
  @Test func `env and version are the root's, else those of the first span that has them`() throws {
    let child = TestSpan(2, parent: 1).meta("env", "Child Env").meta("version", "2")
    let other = TestSpan(3, parent: 1).meta("env", "other").meta("version", "3")
    let seen = try process([[child, other, TestSpan()]]).batch
    #expect(seen.env == "child_env" && seen.appVersion == "2")
    let root = TestSpan().meta("env", "root").meta("version", "1")
    let withRoot = try process([[child, root]]).batch
    #expect(withRoot.env == "root" && withRoot.appVersion == "1")
  }

  @Test func `the host is the root's alone`() throws {
    let child = TestSpan(2, parent: 1).meta("_dd.hostname", "child")
    #expect(try process([[TestSpan(), child]]).batch.hostname == "")
    #expect(try process([[TestSpan().meta("_dd.hostname", "Host"), child]]).batch.hostname == "Host")
  }

  @Test func `the first chunk that says something decides`() throws {
    let second = TestSpan().meta("env", "second").meta("_dd.hostname", "two").meta("_dd.git.commit.sha", "abc")
    let third = TestSpan().meta("env", "third").meta("_dd.hostname", "three").meta("_dd.git.commit.sha", "def")
    let seen = try process([[TestSpan()], [second], [third]]).batch
    #expect(seen.env == "second" && seen.hostname == "two" && seen.gitCommitSha == "abc")
  }

  @Test func `a removed chunk decides nothing`() throws {
    let removed = TestSpan(0).meta("env", "removed")
    #expect(try process([[removed], [TestSpan().meta("env", "good")]]).batch.env == "good")
  }

  @Test func `what the payload says itself stays, normalized`() throws {
    let span = TestSpan().meta("env", "span")
    #expect(try process([[span]], payloadEnv: "My Env").batch.env == "my_env")
  }

  @Test func `process tags are those of the first span`() throws {
    let spans = [TestSpan().meta("_dd.tags.process", "a:1"), TestSpan(2, parent: 1).meta("_dd.tags.process", "b:2")]
    #expect(try process([spans]).batch.processTags == "a:1")
    #expect(try process([spans.reversed()]).batch.processTags == "b:2")
  }

  @Test(
    arguments: [
      (0.5, nil, 0.5), (1e-6, nil, 1e-6), (1, nil, nil), (nil, 0.25, nil), (0.5, 0.25, 0.5),
      (nil, nil, nil),
    ] as [(Double?, Double?, Double?)])
  func `the client's rate goes on under the intake's key, which a client cannot set`(
    rate: Double?, claimed: Double?, expected: Double?
  ) throws {
    var span = TestSpan()
    if let rate { span = span.metric("_sample_rate", rate) }
    if let claimed { span = span.metric("_dd1.sr.rcusr", claimed) }
    let seen = try process(span).span
    #expect(seen.metrics["_dd1.sr.rcusr"] == expected)
    #expect(seen.metrics["_sample_rate"] == rate)
  }

  /// As `_sample_rate` and `_dd1.sr.rapre`.
  static let senseless: [(Double?, Double?)] = [
    (.leastNonzeroMagnitude, nil), (1e-300, nil), (9.9e-7, nil), (0, nil), (-0.5, nil), (1.5, nil), (.nan, nil),
    (.infinity, nil),
    (nil, 1e-300), (nil, 2), (1e-4, 1e-4), (0.5, .nan), (2, 0.1),
    (-0.5, -1), (-1, -1e-3), (-0.5, 1), (0.5, -0.5), (-2, -0.25), (-.infinity, -1e-300),
  ]

  @Test(arguments: senseless)
  func `a rate that stands for more than a million spans, or is none, is taken out and counted`(
    sample: Double?, preSample: Double?
  ) throws {
    var span = TestSpan().metric("_dd1.sr.rcusr", 1e-300)
    if let sample { span = span.metric("_sample_rate", sample) }
    if let preSample { span = span.metric("_dd1.sr.rapre", preSample) }
    let processed = try process(span)
    #expect(processed.span.metrics.isEmpty)
    #expect(processed.repaired == ["invalid_sample_rate:1"])
  }

  @Test func `only the root's rate goes on`() throws {
    let seen = try process([[TestSpan(), TestSpan(2, parent: 1).metric("_sample_rate", 0.5)]]).batch.spans
    #expect(seen.allSatisfy { $0.metrics["_dd1.sr.rcusr"] == nil })
  }
}
