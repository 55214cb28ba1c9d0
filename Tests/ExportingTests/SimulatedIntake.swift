import TestFixtures

@testable import Exporting

/// An intake that a simulation sends to: what each request meets there, and after how long.
struct SimulatedIntake {
  enum Health {
    /// Takes everything, after 20 to 400 ms.
    case well
    /// Takes a third of what comes, and answers the rest in every way there is.
    case flaky
    /// Is away for minutes or hours at a time, each time in another way.
    case away
  }

  let destination: Destination
  private let health: Health
  /// Of its own, so that what happens here does not change what happens elsewhere.
  private var random: SeededGenerator
  /// When it goes or comes back next, in ms.
  private var turnsAtMs: Int64 = 0
  private var isAway = false
  private var wayToFail = 0

  init(_ destination: Destination, _ health: Health, seed: UInt64) {
    self.destination = destination
    self.health = health
    random = SeededGenerator(seed: seed)
  }

  /// What a request meets that is started now, and how many milliseconds it takes.
  mutating func answer(atMs now: Int64) -> (afterMs: Int64, result: TransferResult) {
    switch health {
    case .well: taken
    case .flaky: Bool.random(using: &random) ? taken : fault(Int.random(in: 0..<Self.faultCount, using: &random))
    case .away: whenAway(now)
    }
  }

  private var taken: (Int64, TransferResult) {
    mutating get { (Int64.random(in: 20...400, using: &random), .response(status: 202, retryAfter: nil)) }
  }

  private mutating func whenAway(_ now: Int64) -> (Int64, TransferResult) {
    while turnsAtMs <= now {
      isAway.toggle()
      // A minute to three hours.
      turnsAtMs = max(turnsAtMs, now - 3_600_000) + Int64.random(in: 60_000...10_800_000, using: &random)
      wayToFail = Int.random(in: 0..<Self.outageCount, using: &random)
    }
    return isAway ? fault(wayToFail) : taken
  }

  private static let faultCount = 8
  /// The first of the faults are those that an outage consists of.
  private static let outageCount = 5

  private mutating func fault(_ number: Int) -> (Int64, TransferResult) {
    switch number {
    case 0: (1, .failure("refused"))
    case 1: (10_000, .failure("timed out"))
    case 2: (40, .response(status: 503, retryAfter: nil))
    case 3: (40, .response(status: 429, retryAfter: .seconds(Int64.random(in: 0...86_400, using: &random))))
    case 4: (5, .failure("reset"))
    case 5: (3_000, .response(status: 408, retryAfter: nil))
    case 6: (30, .response(status: 403, retryAfter: nil))
    default: (30, .response(status: 413, retryAfter: nil))
    }
  }
}
