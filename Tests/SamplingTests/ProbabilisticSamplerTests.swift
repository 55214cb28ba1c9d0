import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Sampling

@Suite struct `The probabilistic sampler` {
  private static func samplers(_ percentage: Double, usesWholeTraceID: Bool = false) -> Samplers {
    Samplers {
      $0.probabilistic = ProbabilisticSamplerConfiguration(
        percentage: percentage, seed: 22, usesWholeTraceID: usesWholeTraceID)
    }
  }

  @Test func `keeps the ids that the vectors say`() throws {
    let cases = try Fixtures.vectors("probabilistic_computed")
    #expect(cases.count >= 20)
    for one in cases {
      let id = try #require((one["trace_id_low64"] as? String).flatMap { UInt64($0) })
      let percentage = try #require(one["percentage"] as? Double)
      let seed = try #require((one["seed"] as? Int).map { UInt32($0) })
      let sampler = ProbabilisticSampler(ProbabilisticSamplerConfiguration(percentage: percentage, seed: seed))
      #expect(sampler.isKept(first: id, second: 0) == one["keep"] as? Bool, "\(id), seed \(seed), \(percentage) %")
    }
  }

  @Test func `decides whatever priority the tracer gave, and says so`() throws {
    let all = try Self.samplers(100).take([[.root(1, priority: -1)], [.root(2)], [.root(3, priority: 2)]])
    #expect(all.verdicts == ["probabilistic": 3])
    #expect(
      all.batch.chunks.map(\.priority) == [1, 1, 1] && all.batch.chunks.map(\.decisionMaker) == ["-9", "-9", "-9"])
    #expect(all.batch.spans.map { $0.metrics["_dd.prob_sr"] } == [1, 1, 1])
    let none = try Self.samplers(0).take([[.root(1, priority: 2)], [.root(2, error: 1)]])
    #expect(none.verdicts == ["sampling_probabilistic": 1, "errors": 1])
    #expect(none.batch.chunks.map(\.priority) == [0, 1] && none.batch.spans[0].metrics["_dd.prob_sr"] == nil)
  }

  @Test func `keeps about its percentage`() throws {
    let traces = (1...4_000 as ClosedRange<UInt64>).map { [TestSpan.root($0 &* 0x9E37_79B9_7F4A_7C15)] }
    let kept = try Self.samplers(25).take(traces).kept.count { $0 }
    #expect((900...1_100).contains(kept))
  }

  @Test func `goes by all of an id where that is asked for`() throws {
    let span = TestSpan.root(0x1122_3344_5566_7788)
    func isKept(_ span: TestSpan) throws -> Bool {
      try Self.samplers(50, usesWholeTraceID: true).take([[span]]).kept[0]
    }
    let sampler = ProbabilisticSampler(ProbabilisticSamplerConfiguration(percentage: 50, seed: 22))
    let high: UInt64 = 0x640C_FD8D_0000_0000
    #expect(try isKept(span) == sampler.isKept(first: 0, second: 0x1122_3344_5566_7788))
    let wide = sampler.isKept(first: high, second: 0x1122_3344_5566_7788)
    #expect(try isKept(span.meta("_dd.p.tid", "640cfd8d00000000")) == wide)
    #expect(try isKept(TestSpan.root(1).meta("otel.trace_id", "640cfd8d000000001122334455667788")) == wide)
    // What is no id of 32 digits says nothing.
    #expect(
      try isKept(span.meta("otel.trace_id", "640cfd8d")) == sampler.isKept(first: 0, second: 0x1122_3344_5566_7788))
  }
}
