import Exporting
import Foundation
import Testing

/// Payloads go to two destinations, of which one is well and the other is not.
@Suite struct `Dual shipping` {
  enum Trouble: CaseIterable { case answers500, isOverloaded, refusesConnections, resets, hangs }

  /// A URL at which the trouble is, and the intake behind it if there is one.
  private static func broken(_ trouble: Trouble) throws -> (url: String, intake: FaultyIntake?) {
    let intake: FaultyIntake
    switch trouble {
    case .answers500: intake = try FaultyIntake(then: .status(500))
    case .isOverloaded: intake = try FaultyIntake(then: .status(429, headers: ["Retry-After: 200"]))
    case .refusesConnections: return ("http://127.0.0.1:\(try FaultyIntake.refusedPort())", nil)
    case .resets: intake = try FaultyIntake(then: .reset)
    case .hangs: intake = try FaultyIntake(then: .stall)
    }
    return (intake.url, intake)
  }

  /// What was handed over is what was sent, what is held and what was lost.
  private static func balances(_ counters: ForwarderCounters.PerKind, _ total: PayloadCounts) -> Bool {
    var sum = counters.sent
    sum += counters.held
    sum += counters.lost
    return sum == total
  }

  @Test(arguments: Trouble.allCases, [false, true])
  func `brings everything once to the one that is well, however the other fails`(trouble: Trouble, isFirst: Bool) throws
  {
    let well = try FaultyIntake()
    let ill = try Self.broken(trouble)
    defer { ill.intake?.release() }
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: isFirst ? [ill.url, well.url] : [well.url, ill.url], log: log) {
      $0.limit(.traces, bytes: 5_000)
      $0.limitTraces(connections: 1)
    }
    let (wellIndex, illIndex) = isFirst ? (1, 0) : (0, 1)
    // Five times what one destination may hold: the ill one has to give payloads up, and the well one must not notice.
    for number in 0..<25 {
      forwarder.enqueue(tracesPayload(number, bytes: 1_000))
      #expect(log.wait(until: { $0.filter { $0 == .delivered(status: 200) }.count > number }))
    }
    let total = PayloadCounts(traces: 50, spans: 175)
    var counters = forwarder.counters
    #expect(counters.destinations[wellIndex].label == well.url && counters.destinations[illIndex].label == ill.url)
    #expect(counters.destinations[wellIndex][.traces].sent == total && counters.destinations[wellIndex].inFlight == 0)
    #expect(counters.destinations[wellIndex][.traces].retries == 0)
    #expect(counters.destinations[illIndex][.traces].dropped == [.queueFull: 20])
    #expect(counters.destinations[illIndex][.traces].heldBytes == 5_000 && counters.bodyBytes == 5_000)
    for destination in counters.destinations { #expect(Self.balances(destination[.traces], total)) }

    forwarder.stop(deadline: .now)
    counters = forwarder.counters
    #expect(counters.destinations[illIndex][.traces].dropped == [.queueFull: 20, .shutdown: 5])
    for destination in counters.destinations { #expect(Self.balances(destination[.traces], total)) }
    #expect(counters.queueBytes == 0 && counters.bodyBytes == 0 && counters.inFlight == 0)
    #expect(well.requests.compactMap { number(in: $0.body) } == [Int](0..<25))
    let finals = zip(log.summaries, log.outcomes).filter(\.1.isFinal).map(\.0.destination)
    #expect(finals.filter { $0 == 0 }.count == 25 && finals.filter { $0 == 1 }.count == 25)
  }

  @Test func `counts a body once in memory, and against each destination in full`() throws {
    let intakes = try (0..<2).map { _ in try FaultyIntake([.stall]) }
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: intakes.map(\.url), log: log)
    forwarder.enqueue(tracesPayload(1, bytes: 700))
    for intake in intakes { #expect(intake.waitForArrivals(1)) }
    #expect(forwarder.counters.bodyBytes == 700 && forwarder.counters.queueBytes == 1_400)
    intakes[0].release()
    #expect(log.waitForFinals(1))
    #expect(forwarder.counters.bodyBytes == 700 && forwarder.counters.queueBytes == 700)
    intakes[1].release()
    #expect(log.waitForFinals(2))
    #expect(forwarder.counters.bodyBytes == 0 && forwarder.counters.queueBytes == 0)
  }

  @Test func `tells two keys for one intake apart`() throws {
    let intake = try FaultyIntake()
    let log = OutcomeLog()
    let keys = ["a", "b"].map { String(repeating: $0, count: 32) }
    let forwarder = try Forwarder(
      destinations: keys.map { try .datadog(baseURL: intake.url, apiKey: $0, version: "1", commit: "") },
      onOutcome: { log.add($0, $1) })
    forwarder.enqueue(tracesPayload(1))
    #expect(log.waitForFinals(2))
    #expect(intake.requests.compactMap { $0.headers["dd-api-key"] }.sorted() == keys)
    #expect(forwarder.counters.destinations.map { $0[.traces].sentPayloads } == [1, 1])
  }
}
