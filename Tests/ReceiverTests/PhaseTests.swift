import Testing

@testable import Receiver

@Suite("Connection deadlines")
struct PhaseTests {
  private let deadlines = ConnectionDeadlines(idleMs: 60_000, requestMs: 5_000)

  @Test(
    "each phase has its own limit and its own end",
    arguments: [
      (.idle, 60_000, .leave), (.idle, 60_001, .close),
      (.beginning, 5_000, .leave), (.beginning, 5_001, .refuse),
      (.receiving, 5_000, .leave), (.receiving, 5_001, .timeOut), (.receiving, 10_002, .close),
      (.discarding, 5_000, .leave), (.discarding, 5_001, .close),
      (.answering, 60_000, .leave), (.answering, 60_001, .close),
      (.handling, 1_000_000, .leave),
    ] as [(ConnectionPhase, UInt64, ConnectionDeadlines.Verdict)])
  func verdicts(_ phase: ConnectionPhase, _ ageMs: UInt64, _ expected: ConnectionDeadlines.Verdict) {
    #expect(deadlines.verdict(PhaseStamp(phase, sinceMs: 100), nowMs: 100 + ageMs) == expected)
  }

  @Test("a stamp from after the sweep's look at the clock is not late")
  func stampInTheFuture() {
    #expect(deadlines.verdict(PhaseStamp(.idle, sinceMs: 200), nowMs: 100) == .leave)
  }

  @Test("a stamp survives its word", arguments: ConnectionPhase.allCases)
  func word(_ phase: ConnectionPhase) {
    for since in [0, 1, 123_456_789_012] as [UInt64] {
      let stamp = PhaseStamp(phase, sinceMs: since)
      #expect(PhaseStamp(word: stamp.word) == stamp)
    }
  }

  @Test(
    "the sweep comes often enough for short limits and rarely for long ones",
    arguments: [(60_000, 5_000, 1_000), (400, 60_000, 100), (60_000, 10, 20), (0, 0, 20)] as [(UInt64, UInt64, UInt64)])
  func interval(_ idleMs: UInt64, _ requestMs: UInt64, _ expected: UInt64) {
    #expect(ConnectionDeadlines(idleMs: idleMs, requestMs: requestMs).sweepIntervalMs == expected)
  }

  @Test(
    "a duration in milliseconds is rounded up and never negative",
    arguments: [
      (.milliseconds(5), 5), (.microseconds(1), 1), (.zero, 0), (.seconds(-1), 0), (.nanoseconds(1_000_001), 2),
      (.seconds(Int64.max), .max),
    ] as [(Duration, Int64)])
  func milliseconds(_ duration: Duration, _ expected: Int64) {
    #expect(duration.milliseconds == expected)
  }
}
