import TestFixtures
import TestSpans
import Testing

@testable import Sampling
@testable import TraceModel

@Suite struct VectorTests {
  @Test func `traces are kept by their id as the vectors say`() throws {
    let cases = try Fixtures.vectors("knuth_sampling")
    #expect(cases.count >= 60)
    for one in cases {
      let id = try #require((one["trace_id"] as? String).flatMap { UInt64($0) })
      let rate = try #require(one["rate"] as? Double)
      let keep: Bool? = one["keep"] as? Bool ?? (one["expected"] as? Int).map { $0 == 1 }
      #expect(TraceIDSampler.isKept(traceID: id, rate: rate) == keep, "trace \(id) at \(rate)")
    }
  }

  @Test(
    arguments: [(0, false), (-1, false), (.nan, false), (1, true), (2, true), (.infinity, true)] as [(Double, Bool)])
  func `rates of 1 and more keep all, of 0 and less none`(rate: Double, isKept: Bool) {
    for id in [0, 1, 1 << 63, .max] as [UInt64] { #expect(TraceIDSampler.isKept(traceID: id, rate: rate) == isKept) }
    #expect(TraceIDSampler.isKept(traceID: 0, rate: .leastNonzeroMagnitude) == false)
    #expect(TraceIDSampler.isKept(traceID: 0, rate: 0.1))
    // The largest rate below 1 must not overflow.
    #expect(TraceIDSampler.isKept(traceID: 1, rate: 1 - .ulpOfOne / 2))
  }

  @Test func `about as many ids are kept as the rate says`() {
    var random = SeededGenerator(seed: 9)
    let kept = (0..<20_000).count { _ in TraceIDSampler.isKept(traceID: random.next(), rate: 0.2) }
    #expect((3_700...4_300).contains(kept), "seed 9")
  }

  private static func signature(_ trace: [TestSpan]) throws -> UInt64 {
    try withBatch([trace]) { batch in
      var signature = TraceSignature(seed: TableSeed(start: 1, factor: 0x9137_55B3_2F6A_04C7))
      return signature.signature(batch, chunk: batch.chunks[0], env: .init(start: nil, count: 0))
    }
  }

  @Test func `traces are alike when their root and their kinds of spans are`() throws {
    let child = TestSpan(2, parent: 1).with { $0.name = "db" }
    let other = TestSpan(3, parent: 1).with { $0.name = "cache" }
    let base = try Self.signature([TestSpan(), child, other])
    // Order, repetition, ids, times and resources of inner spans make no difference.
    #expect(
      try Self.signature([
        TestSpan(), other, child,
        child.with {
          $0.spanID = 9
          $0.durationNs = 1
        },
      ]) == base)
    #expect(try Self.signature([TestSpan(), child.with { $0.resource = "x" }, other]) == base)
    #expect(try Self.signature([TestSpan(), child]) != base)
    #expect(try Self.signature([TestSpan().with { $0.resource = "x" }, child, other]) != base)
    #expect(try Self.signature([TestSpan().with { $0.error = 1 }, child, other]) != base)
    #expect(try Self.signature([TestSpan(), child.meta("error.type", "KeyError"), other]) != base)
    #expect(try Self.signature([TestSpan(), child.meta("http.status_code", "500"), other]) != base)
  }
}
