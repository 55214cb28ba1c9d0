import TestFixtures

@testable import Exporting

/// When which payloads come in the life of one agent, and when it is told to stop: bursts of some minutes, now and then a
/// rush of many payloads at once, and quiet hours between. It is told to stop in the middle of a rush, and more comes.
struct SimulatedTraffic {
  /// Their numbers, from 0 on, are in `uncompressedBytes`.
  private(set) var arrivals: [(atMs: Int64, payload: OutgoingPayload)] = []
  let stopsAtMs: Int64

  /// Bytes of the bodies, each there once: what is made anew for each payload would take most of the time.
  private static let bodies = [1_000, 8_000, 30_000, 90_000].map {
    PayloadBody.memory([UInt8](repeating: 0x2e, count: $0))
  }

  init(hours: Int64, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    stopsAtMs = Int64.random(in: hours * 3_240_000...hours * 3_600_000, using: &random)
    var timeMs: Int64 = 0
    while timeMs < stopsAtMs {
      let endMs = timeMs + Int64.random(in: 10_000...200_000, using: &random)
      if Int.random(in: 0..<6, using: &random) == 0 { addRush(timeMs, &random) }
      while timeMs < endMs {
        add(.traces, timeMs, &random)
        if Bool.random(using: &random) { add(.stats, timeMs, &random) }
        timeMs += Int64.random(in: 0...10_000, using: &random)
      }
      timeMs += Int64.random(in: 0...43_200_000, using: &random)
    }
    arrivals.removeAll { $0.atMs >= stopsAtMs }
    addRush(stopsAtMs - 1, &random)
    for step in 0..<100 as Range<Int64> { add(.stats, stopsAtMs + step * 60, &random) }
  }

  private mutating func addRush(_ atMs: Int64, _ random: inout SeededGenerator) {
    for _ in 0..<60 { add(.traces, atMs, &random) }
  }

  /// What comes of kinds that a destination takes.
  func numbers(of kinds: some Collection<OutgoingPayload.Kind>) -> [Int] {
    arrivals.filter { kinds.contains($0.payload.kind) }.map(\.payload.uncompressedBytes)
  }

  private mutating func add(_ kind: OutgoingPayload.Kind, _ atMs: Int64, _ random: inout SeededGenerator) {
    let body = Self.bodies[Int.random(in: 0..<Self.bodies.count, using: &random)]
    let payload = OutgoingPayload(
      kind: kind, path: "", body: body, contentType: "", contentEncoding: "", headers: [],
      counts: PayloadCounts(traces: 1, spans: 3), uncompressedBytes: arrivals.count)
    arrivals.append((atMs, payload))
  }
}
