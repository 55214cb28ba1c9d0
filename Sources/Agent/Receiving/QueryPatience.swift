/// How long one query waits for one receiving thread that is at a request.
///
/// The threads of an agent share the query's deadline: one that is stuck may use all of it up. The others are at a request
/// for a moment at most, and get that moment all the same.
struct QueryPatience {
  /// Longer than nearly every request takes.
  static let moment = Duration.milliseconds(20)
  /// Who was waited for at least this long without an answer is late.
  static let fair = Duration.milliseconds(100)

  /// Until when the thread is waited for.
  let limit: ContinuousClock.Instant
  private let wasLate: Bool
  private let isFair: Bool

  /// - Parameters:
  ///   - deadline: of the whole query; it may be over.
  ///   - wasLate: whether a query has waited for this thread in vain, and none has reached it since.
  init(deadline: ContinuousClock.Instant, now: ContinuousClock.Instant, wasLate: Bool) {
    limit = wasLate ? now + Self.moment : max(deadline, now + Self.moment)
    isFair = limit >= now + Self.fair
    self.wasLate = wasLate
  }

  /// Whether the next query waits for a moment only.
  func isLate(hasAnswered: Bool) -> Bool { !hasAnswered && (wasLate || isFair) }
}
