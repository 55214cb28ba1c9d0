import TestFixtures
import Testing

@testable import Exporting

@Suite struct `Thousands of hours of a delivery queue` {
  /// One agent's life each.
  static let seeds: Range<UInt64> = 0..<12
  static let hours: Int64 = 200

  private static func destination(_ takes: [OutgoingPayload.Kind: Int]) throws -> Destination {
    try Destination(
      baseURL: "http://intake", userAgent: "",
      takes: takes.mapValues { Destination.LaneLimits(connectionsMax: 3, queueBytesMax: $0) })
  }

  private static func well(_ seed: UInt64) throws -> SimulatedIntake {
    SimulatedIntake(try destination([.traces: 2_000_000, .stats: 500_000]), .well, seed: seed &+ 1_000)
  }

  private static func intakes(_ seed: UInt64) throws -> [SimulatedIntake] {
    var impatient = try destination([.stats: 400_000])
    impatient.retry.retriesMax = 2
    return [
      SimulatedIntake(try destination([.traces: 600_000, .stats: 200_000]), .away, seed: seed &+ 2_000),
      try well(seed),
      SimulatedIntake(try destination([.traces: 300_000, .stats: 300_000]), .flaky, seed: seed &+ 3_000),
      SimulatedIntake(impatient, .away, seed: seed &+ 4_000),
    ]
  }

  @Test(arguments: seeds)
  func `lose nothing unaccounted, keep every bound, and let no destination slow another`(seed: UInt64) throws {
    let traffic = SimulatedTraffic(hours: Self.hours, seed: seed)
    let zero = ContinuousClock.now
    let intakes = try Self.intakes(seed)
    var simulation = DeliverySimulation(intakes, seed: seed, zero: zero)
    simulation.run(traffic)
    #expect(simulation.findings == [], "seed \(seed)")
    for (index, intake) in intakes.enumerated() {
      let wrong = traffic.numbers(of: intake.destination.takes.keys).filter { simulation.ends[index][$0] != 1 }
      #expect(wrong == [], "seed \(seed): payloads without exactly one end at intake \(index)")
      let ends = simulation.ends[index].reduce(0, +)
      #expect(ends == traffic.numbers(of: intake.destination.takes.keys).count, "seed \(seed), intake \(index)")
    }
    // All that makes this worth while did happen.
    for outcome in [
      "delivered", "rejected 413", "dropped queue_full", "dropped too_old", "dropped retries_exhausted",
      "dropped shutdown",
    ] {
      #expect(simulation.outcomes[outcome, default: 0] > 0, "seed \(seed): no \(outcome)")
    }

    var alone = DeliverySimulation([try Self.well(seed)], seed: seed, zero: zero)
    alone.run(traffic)
    #expect(simulation.starts[1] == alone.starts[0], "seed \(seed): the healthy intake noticed the others")
  }
}
