import Testing

@testable import Sampling

@Suite struct RateEngineTests {
  /// Counts `perSecond` traces a second of one signature in the bucket that begins at `seconds`.
  private static func fill(_ engine: inout RateEngine, _ signature: UInt64, perSecond: Float, at seconds: Int64) {
    _ = engine.count(signature, weight: perSecond * 5, nowSeconds: seconds)
  }

  private static func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-6 }

  @Test func `the first trace keeps all`() {
    var engine = RateEngine(targetTPS: 10)
    #expect(engine.defaultRate == 1)
    #expect(engine.count(1, weight: 1, nowSeconds: t0) == true)
    #expect(engine.rate(1) == 1 && engine.rate(2) == 1)
  }

  @Test func `rates are set on the first count in a new bucket, not before`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 100, at: t0)
    #expect(engine.count(1, weight: 1, nowSeconds: t0 + 4) == false)
    #expect(engine.rates.isEmpty)
    #expect(engine.count(1, weight: 1, nowSeconds: t0 + 5) == true)
    #expect(Self.isClose(engine.rate(1), 10.0 / 100.2))
    #expect(engine.count(1, weight: 1, nowSeconds: t0 + 6) == false)
  }

  @Test func `the busiest of the last six buckets counts`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 100, at: t0)
    for step in 1...6 as ClosedRange<Int64> {
      Self.fill(&engine, 1, perSecond: 20, at: t0 + 5 * step)
      #expect(Self.isClose(engine.rate(1), 0.1), "after \(step) buckets")
    }
    // Now the busy bucket has left the window; the rate may rise by a fifth each time.
    Self.fill(&engine, 1, perSecond: 20, at: t0 + 35)
    #expect(Self.isClose(engine.rate(1), 0.12))
    Self.fill(&engine, 1, perSecond: 20, at: t0 + 40)
    #expect(Self.isClose(engine.rate(1), 0.144))
    for step in 9...20 as ClosedRange<Int64> { Self.fill(&engine, 1, perSecond: 20, at: t0 + 5 * step) }
    #expect(Self.isClose(engine.rate(1), 0.5))
  }

  @Test func `a rate falls at once`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 5, at: t0)
    Self.fill(&engine, 1, perSecond: 1_000, at: t0 + 5)
    #expect(engine.rate(1) == 1)
    Self.fill(&engine, 1, perSecond: 1, at: t0 + 10)
    #expect(Self.isClose(engine.rate(1), 0.01))
  }

  @Test(
    arguments: [
      (10, [], 10), (10, [100], 10), (10, [100, 100], 5), (10, [1, 100], 9), (12, [1, 2, 100], 9),
      (10, [1, 2, 100, 100], 3.5), (10, [1, 1], 9), (0, [5], 0), (10, [0, 0, 50], 10),
    ] as [(Double, [Double], Double)])
  func `what quiet signatures leave is shared among the busy`(target: Double, traffic: [Double], share: Double) {
    #expect(Self.isClose(RateEngine.share(of: target, among: traffic), share))
    #expect(Self.isClose(RateEngine.share(of: target, among: traffic.reversed()), share))
  }

  @Test func `the kept traces of all signatures make the target`() {
    var engine = RateEngine(targetTPS: 10)
    let traffic: [(UInt64, Float)] = [(1, 1), (2, 4), (3, 50), (4, 500)]
    for (signature, perSecond) in traffic { Self.fill(&engine, signature, perSecond: perSecond, at: t0) }
    _ = engine.count(1, weight: 0, nowSeconds: t0 + 5)
    let kept = traffic.reduce(0) { $0 + engine.rate($1.0) * Double($1.1) }
    #expect(Self.isClose(kept, 10))
    #expect(engine.rate(1) == 1 && engine.rate(3) > engine.rate(4))
  }

  @Test func `an unknown signature gets a rate that does no harm`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 100, at: t0)
    Self.fill(&engine, 2, perSecond: 1, at: t0)
    #expect(Self.isClose(engine.defaultRate, 10.0 / 101))
    _ = engine.count(1, weight: 1, nowSeconds: t0 + 5)
    #expect(Self.isClose(engine.defaultRate, min(10.0 / 101, 9.0 / 100)))
    #expect(engine.rate(77) == engine.defaultRate)
  }

  @Test func `a target of nothing keeps nothing`() {
    var engine = RateEngine(targetTPS: 0)
    Self.fill(&engine, 1, perSecond: 1, at: t0)
    #expect(engine.rate(1) == 0 && engine.defaultRate == 0)
    Self.fill(&engine, 1, perSecond: 1, at: t0 + 5)
    #expect(engine.rate(1) == 0)
  }

  @Test func `a silent signature is forgotten once its rate is back at 1`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 20, at: t0)
    Self.fill(&engine, 2, perSecond: 1, at: t0)
    #expect(engine.count == 2)
    // Six buckets on, nothing is left in the window; 1's rate of 0.5 rises by a fifth each time until it is 1.
    var step: Int64 = 1
    while engine.count > 1, step < 40 {
      Self.fill(&engine, 2, perSecond: 1, at: t0 + 5 * step)
      step += 1
    }
    #expect(engine.rates[1] == nil && engine.rates[2] == 1)
    #expect((10...14).contains(step), "\(step)")
  }

  @Test func `after a long pause old traffic no longer counts`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 1_000, at: t0)
    Self.fill(&engine, 1, perSecond: 1, at: t0 + 5)
    #expect(Self.isClose(engine.rate(1), 0.01))
    // The pause empties the window, but the gates open only by a fifth.
    Self.fill(&engine, 1, perSecond: 1, at: t0 + 3_600)
    #expect(Self.isClose(engine.rate(1), 0.012))
  }

  @Test func `a clock that goes back does no harm`() {
    var engine = RateEngine(targetTPS: 10)
    Self.fill(&engine, 1, perSecond: 100, at: t0)
    Self.fill(&engine, 1, perSecond: 100, at: t0 - 3_600)
    Self.fill(&engine, 1, perSecond: 100, at: -7)
    #expect(engine.rate(1) > 0 && engine.rate(1) <= 1)
  }

  @Test func `the extra rate multiplies each rate`() {
    var engine = RateEngine(targetTPS: 10, extraRate: 0.5)
    Self.fill(&engine, 1, perSecond: 100, at: t0)
    _ = engine.count(1, weight: 1, nowSeconds: t0 + 5)
    #expect(Self.isClose(engine.rate(1), 0.05))
  }
}
