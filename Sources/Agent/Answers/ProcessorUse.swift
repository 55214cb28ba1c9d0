import Platform

/// How much of a processor the agent's process has taken since somebody asked last.
final class ProcessorUse: Sendable {
  private struct Look {
    var at: ContinuousClock.Instant
    /// Of processors, since the start of the process.
    var usedNs: UInt64
    var percent: UInt64 = 0
  }

  /// A shorter time says little: what is done once a second weighs too much in it.
  private static let periodMin = Duration.seconds(5)
  private let last: Lock<Look>

  init(now: ContinuousClock.Instant = .now, usedNs: UInt64 = SystemFacts.processorTimeNs) {
    last = Lock(Look(at: now, usedNs: usedNs))
  }

  /// In whole percent of one processor, of the time between the last two looks that were far enough apart.
  func percent(now: ContinuousClock.Instant = .now, usedNs: UInt64 = SystemFacts.processorTimeNs) -> UInt64 {
    last.withLock { last in
      let passed = now - last.at
      guard passed >= Self.periodMin else { return last.percent }
      let used = usedNs > last.usedNs ? usedNs - last.usedNs : 0
      let share = 100 * Double(used) / Double(max(passed.nanoseconds, 1))
      last = Look(at: now, usedNs: usedNs, percent: UInt64(min(share.rounded(), 1e6)))
      return last.percent
    }
  }
}
