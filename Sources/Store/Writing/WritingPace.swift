/// When the store's thread takes what waits, so that what was answered more than a second before a sudden death is in the
/// file.
///
/// The first thing after a pause is taken almost at once. While more comes, much is written together, and the longer that
/// takes, the more: writing is to take an eighth of the time at most.
struct WritingPace {
  /// What comes within this time is written together: several threads hand over at about the same time.
  private static let gatheringTime = Duration.milliseconds(50)
  private static let intervalMin = Duration.milliseconds(400)
  /// With the time to write it, less than a second.
  private static let intervalMax = Duration.milliseconds(700)

  private var taken: ContinuousClock.Instant?
  private var interval = intervalMin

  /// Until when to wait for more.
  /// - Parameter now: when something came.
  func end(now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    let soon = now + Self.gatheringTime
    return taken.map { max($0 + interval, soon) } ?? soon
  }

  /// Takes note of what was taken, and how long it took to write it.
  mutating func note(taken: ContinuousClock.Instant, written: ContinuousClock.Instant) {
    self.taken = taken
    interval = min(max(Self.intervalMin, (written - taken) * 8), Self.intervalMax)
  }
}
