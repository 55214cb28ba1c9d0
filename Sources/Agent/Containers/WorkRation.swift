/// Leaves nine tenths of the time to others than work which anybody can cause.
struct WorkRation: Sendable {
  /// How far the work may run ahead of its tenth of the time.
  private let aheadMax: Duration
  private var restEnds: ContinuousClock.Instant?

  /// - Parameter aheadMax: as time on the clock; a tenth of it is work that is done at once after long quiet.
  init(aheadMax: Duration = .zero) { self.aheadMax = aheadMax }

  /// How long it is before the work may be done again; `nil` when it may now.
  func rest(at now: ContinuousClock.Instant) -> Duration? {
    guard let restEnds, now < restEnds - aheadMax else { return nil }
    return restEnds - aheadMax - now
  }

  /// Notes work that was done.
  mutating func note(from began: ContinuousClock.Instant, to ended: ContinuousClock.Instant) {
    restEnds = max(restEnds ?? began, began) + (ended - began) * 10
  }
}
