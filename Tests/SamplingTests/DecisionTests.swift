import TestSpans
import Testing
import TraceModel

@testable import Sampling

@Suite struct DecisionTests {
  /// A payload, the switch for tracers' drops, and the decision.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var trace: [TestSpan]
    var looksAtTracerDrops = false
    var verdict: SamplingVerdict
  }

  private static let badChild = TestSpan(2, parent: 1).with { $0.error = 1 }

  static let cases: [Case] = [
    Case(testDescription: "user keep", trace: [.root(priority: 2)], verdict: .keptByPriority),
    Case(testDescription: "automatic keep", trace: [.root(priority: 1)], verdict: .keptByPriority),
    Case(testDescription: "automatic drop", trace: [.root(priority: 0)], verdict: .droppedByPriority),
    Case(
      testDescription: "automatic drop with an error", trace: [.root(priority: 0), badChild], verdict: .keptForError),
    Case(testDescription: "user drop", trace: [.root(priority: -1)], verdict: .droppedByUser),
    Case(testDescription: "user drop with an error", trace: [.root(priority: -1), badChild], verdict: .droppedByUser),
    Case(testDescription: "no priority", trace: [.root()], verdict: .keptWithoutPriority),
    Case(testDescription: "no priority, error", trace: [.root(), badChild], verdict: .keptWithoutPriority),
    Case(
      testDescription: "tracer drop with an error, looked at", trace: [.root(priority: -1), badChild],
      looksAtTracerDrops: true, verdict: .keptForError),
    Case(
      testDescription: "rule drop with an error, looked at",
      trace: [.root(priority: -1).meta("_dd.p.dm", "-3"), badChild],
      looksAtTracerDrops: true, verdict: .keptForError),
    Case(
      testDescription: "drop by hand with an error, looked at",
      trace: [.root(priority: -1).meta("_dd.p.dm", "-4"), badChild], looksAtTracerDrops: true, verdict: .droppedByUser),
    Case(
      testDescription: "deeper drop by hand with an error, looked at",
      trace: [.root(priority: -2).meta("_dd.p.dm", "-4"), badChild], looksAtTracerDrops: true, verdict: .keptForError),
    Case(
      testDescription: "tracer drop without an error, looked at", trace: [.root(priority: -1)],
      looksAtTracerDrops: true,
      verdict: .droppedByPriority),
    Case(
      testDescription: "drop by hand with an error, not looked at",
      trace: [.root(priority: -1).meta("_dd.p.dm", "-4"), badChild], verdict: .droppedByUser),
  ]

  @Test(arguments: cases) func `each chunk is decided by the table`(one: Case) throws {
    let samplers = Samplers { $0.looksAtTracerDrops = one.looksAtTracerDrops }
    let sampled = try samplers.take([one.trace])
    #expect(sampled.verdicts == [one.verdict.name: 1])
    #expect(sampled.kept == [one.verdict.isKept])
    #expect(sampled.result.counts.spans[one.verdict.rawValue] == UInt64(one.trace.count))
    let root = sampled.batch.spans[0]
    #expect(root.metrics["_dd.errors_sr"] == (one.verdict == .keptForError ? 1 : nil))
    #expect(root.metrics["_dd.no_p_sr"] == (one.verdict == .keptWithoutPriority ? 1 : nil))
  }

  @Test func `errors are not looked for where that is off`() throws {
    let samplers = Samplers { $0.errorTPS = 0 }
    #expect(try samplers.take([[.root(priority: 0, error: 1)]]).verdicts == ["sampling_auto_drop": 1])
  }

  @Test func `without a target nothing without priority is kept but errors`() throws {
    let samplers = Samplers { $0.targetTPS = 0 }
    #expect(try samplers.take([[.root()]]).verdicts == ["sampling_no_priority": 1])
    #expect(try samplers.take([[.root(error: 1)]]).verdicts == ["errors": 1])
    #expect(try samplers.take([[.root(priority: 1)]]).verdicts == ["priority": 1])
  }

  @Test func `a refused chunk is neither kept nor counted`() throws {
    let sampled = try Samplers().take([[TestSpan(0)], [.root(priority: 1)]])
    #expect(sampled.kept == [false, true] && sampled.verdicts == ["priority": 1])
  }

  @Test func `every chunk has exactly one verdict`() throws {
    let samplers = Samplers()
    var traces: [[TestSpan]] = []
    for id in 1...300 as ClosedRange<UInt64> {
      let priority: Double? = id % 5 == 4 ? nil : Double(id % 5) - 1
      traces.append([.root(id, priority: priority, error: id % 3 == 0 ? 1 : 0)])
    }
    let sampled = try samplers.take(traces)
    #expect(sampled.verdicts.values.reduce(0, +) == 300)
    let kept = SamplingVerdict.allCases.filter(\.isKept).reduce(0) { $0 + sampled.result.counts.traces[$1.rawValue] }
    #expect(kept == UInt64(sampled.kept.count { $0 }))
  }

  @Test func `errors beyond their target are kept at a rate that the root tells`() throws {
    let samplers = Samplers { $0.errorTPS = 1 }
    for id in 1...100 as ClosedRange<UInt64> { _ = try samplers.take([[.root(id, priority: 0, error: 1)]]) }
    let traces = (101...300 as ClosedRange<UInt64>).map { [TestSpan.root($0, priority: 0, error: 1)] }
    let sampled = try samplers.take(traces, at: t0 + 5)
    // Twenty a second came, one is wanted.
    for chunk in sampled.batch.chunks {
      #expect(chunk.isKept == TraceIDSampler.isKept(traceID: chunk.spans[0].spanID, rate: 0.05))
      #expect(chunk.spans[0].metrics["_dd.errors_sr"] == (chunk.isKept ? 0.05 : nil))
    }
    #expect(sampled.kept.contains(true) && sampled.kept.contains(false))
  }

  @Test func `the client's rate and ours apply together to traces without priority`() throws {
    let traces = (1...10 as ClosedRange<UInt64>).map { [TestSpan.root($0).metric("_sample_rate", 0.25)] }
    for chunk in try Samplers().take(traces).batch.chunks {
      #expect(chunk.isKept == TraceIDSampler.isKept(traceID: chunk.spans[0].spanID, rate: 0.25))
      #expect(chunk.spans[0].metrics["_dd.no_p_sr"] == (chunk.isKept ? 1 : nil))
    }
  }

  @Test func `from 100 kinds on new ones share as many places`() {
    var sampler = ScoreSampler(targetTPS: 10, extraRate: 1)
    for kind in 1_000..<5_000 as Range<UInt64> {
      _ = sampler.sample(signature: kind, traceID: 1, weight: 1, clientRate: nil, nowSeconds: t0)
    }
    #expect(sampler.engine.count == 2 * ScoreSampler.signaturesMax)
    // Those that have a rate keep their own place.
    for kind in 1_000..<1_100 as Range<UInt64> {
      _ = sampler.sample(signature: kind, traceID: 1, weight: 1, clientRate: nil, nowSeconds: t0 + 5)
    }
    #expect(sampler.engine.count <= 2 * ScoreSampler.signaturesMax)
    #expect(sampler.engine.rates.count <= 2 * ScoreSampler.signaturesMax)
  }
}
