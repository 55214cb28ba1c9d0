import Control
import Exporting
import JSON

extension IntakeSummary {
  /// A request whose answer takes longer is one that the intake does not answer.
  private static let answerMax = Duration.seconds(4)

  /// How the intakes are, from what the forwarder counts.
  ///
  /// - Parameters:
  ///   - lastLossAt: when something that was kept was last lost.
  ///   - wallNs: this moment in ns since 1970; the forwarder's clock never jumps, and so has no date.
  init(_ counters: ForwarderCounters, lastLossAt: ContinuousClock.Instant?, wallNs: Int64) {
    let now = ContinuousClock.now
    func date(_ instant: ContinuousClock.Instant) -> Int64 { wallNs &- instant.duration(to: now).nanoseconds }
    self.init(
      lastSuccessNs: counters.lastSuccessAt.map(date),
      lastFailure: counters.lastFailure.map {
        IntakeFailure(
          atNs: date($0.at), endpoint: $0.destination, status: $0.status.map { Int64($0) }, text: $0.text)
      })
    for destination in counters.destinations {
      // Traces come first: they are what most people look for.
      for (kind, counts) in destination.kinds.sorted(by: { $0.key.rawValue > $1.key.rawValue }) {
        guard let trouble = Self.trouble(counts, at: now) else { continue }
        troubles.append(
          IntakeTrouble(
            trouble.state, payloads: kind.rawValue, endpoint: destination.label, sinceNs: date(trouble.since),
            last: trouble.last.map { Timestamp(unixNs: date($0)) },
            attempts: UInt64(clamping: trouble.attempts), status: trouble.status.map { Int64($0) },
            text: trouble.text))
      }
    }
    waitingSince = counters.heldSince.map { Timestamp(unixNs: date($0)) }
    lastLoss = lastLossAt.map { Timestamp(unixNs: date($0)) }
  }

  private typealias Found = (
    state: IntakeTrouble.State, since: ContinuousClock.Instant, last: ContinuousClock.Instant?, attempts: Int,
    status: Int?, text: String
  )

  private static func trouble(_ counts: ForwarderCounters.PerKind, at now: ContinuousClock.Instant) -> Found? {
    if let trouble = counts.trouble {
      return (
        trouble.isRefusal ? .refusing : .failing, trouble.since, trouble.lastAt, trouble.attempts, trouble.status,
        trouble.text
      )
    }
    guard let asked = counts.unansweredSince, asked.duration(to: now) >= answerMax else { return nil }
    // Where others have been taken meanwhile, one request is stuck and not the intake.
    if let taken = counts.lastSuccessAt, taken > asked { return nil }
    return (.silent, asked, nil, 1, nil, "no answer")
  }
}
