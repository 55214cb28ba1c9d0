import Foundation
import TestFixtures
import Testing

@testable import Sampling

/// Traffic of many pairs of service and environment, whose tracers keep traces at the rates that they are told.
private struct SimulatedTraffic {
  private static let bucketSeconds: Int64 = 5

  let minutes: Int

  /// Traces of each pair in five seconds, in the first and in the second half of the time.
  let traffic: [(first: Int, second: Int)]
  var engine: RateEngine
  var random: SeededGenerator

  /// A few pairs have most of the traffic; then a third of them get three times as much, and a third less.
  init(pairs: Int, minutes: Int, targetTPS: Double, seed: UInt64) {
    self.minutes = minutes
    engine = RateEngine(targetTPS: targetTPS)
    random = SeededGenerator(seed: seed)
    traffic = (0..<pairs).map { pair in
      let first = pair % 10 == 0 ? 400 : 1 + pair % 20
      return (first, pair % 3 == 0 ? first * 3 : pair % 3 == 1 ? max(1, first / 3) : first)
    }
  }

  /// Traces that were kept in a second, on average, in the last third of each half.
  /// - Parameter decides: each trace is decided about, as a tracer does it; else it counts by its rate.
  mutating func keptTPS(decides: Bool) -> [Double] {
    var kept = [0.0, 0.0]
    let halfBuckets = minutes * 30 / Int(Self.bucketSeconds)
    for bucket in 0..<2 * halfBuckets {
      let half = bucket / halfBuckets
      let isLooked = bucket % halfBuckets >= halfBuckets * 2 / 3
      for (pair, traces) in traffic.enumerated() {
        let count = half == 0 ? traces.first : traces.second
        let signature = UInt64(pair + 1)
        _ = engine.count(signature, weight: Float(count), nowSeconds: t0 + Int64(bucket) * Self.bucketSeconds)
        guard isLooked else { continue }
        let rate = engine.rate(signature)
        kept[half] += decides ? Double(keptTraces(of: count, rate: rate)) : Double(count) * rate
      }
    }
    return kept.map { $0 / (Double(halfBuckets / 3) * Double(Self.bucketSeconds)) }
  }

  /// By the hash of each trace's id.
  private mutating func keptTraces(of count: Int, rate: Double) -> Int {
    (0..<count).count { _ in TraceIDSampler.isKept(traceID: random.next(), rate: rate) }
  }
}

@Suite struct `Simulated traffic` {
  /// Ten of what takes long to simulate, unless `make simulate` asks for an hour.
  private static let manyPairsMinutes =
    ProcessInfo.processInfo.environment["ROOST_SIMULATED_MINUTES"].flatMap { Int($0) } ?? 10

  @Test(arguments: [(1, 60, true), (100, 60, true), (10_000, manyPairsMinutes, false)])
  func `is kept at the target within five percent, also after it has changed`(pairs: Int, minutes: Int, decides: Bool) {
    var traffic = SimulatedTraffic(pairs: pairs, minutes: minutes, targetTPS: 10, seed: 15)
    for kept in traffic.keptTPS(decides: decides) { #expect(abs(kept - 10) < 0.5, "\(kept) traces/s with seed 15") }
  }
}
