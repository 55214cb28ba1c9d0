import TraceModel
import Testing

@testable import Sampling

@Suite struct `Sampling of OTLP` {
  /// The priority, mechanism and rate of a trace with this id, whose second span asks for a priority.
  private static func decided(
    _ sampler: OTLPSampler, traceID: UInt64 = 1, asked: Double? = nil
  ) -> (priority: Int32, mechanism: String, tag: String, rate: String) {
    var batch = SpanBatch()
    for _ in 0..<2 {
      var span = SpanRecord()
      span.traceID = traceID
      batch.spans.append(span)
    }
    var chunk = ChunkRecord()
    chunk.spans = IndexRange(start: 0, end: 2)
    batch.chunks.append(chunk)
    if let asked { batch.setMetric(.samplingPriority, "_sampling_priority_v1", asked, ofSpanAt: 1) }
    sampler.setPriorities(of: &batch)
    let rate = batch.typedAttributes[batch.chunks[0].attributes.range.lowerBound]
    let tag = batch.meta(.decisionMaker, of: batch.spans[0]).map { batch.text($0) } ?? ""
    return (
      batch.chunks[0].priority, batch.text(batch.chunks[0].decisionMaker), tag,
      batch.text(rate.key) + "=" + batch.text(rate.value.string)
    )
  }

  @Test(
    arguments: [
      (100, 1, nil, 1, "-9", "1.00"), (0, 1, nil, 1, "-9", "1.00"), (150, 1, nil, 1, "-9", "1.00"),
      (25, 1, nil, 1, "-9", "0.25"), (1, 7, nil, 0, "", "0.01"), (1, 7, 2, 2, "-4", "0.01"),
      (100, 1, 0, 0, "", "1.00"), (100, 1, -1, -1, "", "1.00"), (100, 1, Double.nan, 1, "-9", "1.00"),
    ] as [(Double, UInt64, Double?, Int32, String, String)])
  func `keeps what is asked for, else a part by id`(
    _ percentage: Double, _ traceID: UInt64, _ asked: Double?, _ priority: Int32, _ mechanism: String, _ rate: String
  ) {
    let decided = Self.decided(OTLPSampler(percentage: percentage), traceID: traceID, asked: asked)
    #expect(decided == (priority, mechanism, mechanism, "_dd.otlp_sr=\(rate)"))
  }

  @Test func `leaves the decision to the sampler of all traces by id`() {
    let decided = Self.decided(OTLPSampler(percentage: 100, leavesItToProbability: true), asked: 2)
    #expect(decided == (ChunkRecord.noPriority, "", "", "_dd.otlp_sr=1.00"))
  }
}
