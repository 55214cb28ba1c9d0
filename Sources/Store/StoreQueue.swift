import Platform

/// What the flushing thread hands to the store's thread, and the counters of both.
final class StoreQueue: Sendable {
  /// Periods that wait at most: with a bucket each 10 s from each of 8 receiving threads, those of 80 s.
  static let waitingMax = 64

  /// What there is to do at one time.
  struct Work: Sendable {
    var periods: [StatisticsPeriod]
    var nowSeconds: Int64
    /// Whether the store ends, and nothing comes after this.
    var isLast: Bool
  }

  private struct State: Sendable {
    var waiting: [StatisticsPeriod] = []
    var nowSeconds: Int64 = 0
    var isStopping = false
    var counters = StoreCounters()
  }

  private let state = Lock(State())
  private let wake: WakePipe
  /// Woken when the store's thread has ended.
  let ended: WakePipe

  init() throws(SystemError) {
    wake = try WakePipe()
    ended = try WakePipe()
  }

  var counters: StoreCounters { state.withLock { $0.counters } }

  func add(_ periods: [StatisticsPeriod], nowSeconds: Int64) {
    let hasWork = state.withLock { state in
      state.nowSeconds = nowSeconds
      for period in periods where !period.isEmpty {
        if state.isStopping || state.waiting.count >= Self.waitingMax {
          state.counters.lost += 1
        } else {
          state.waiting.append(period)
        }
      }
      return !state.waiting.isEmpty
    }
    if hasWork { wake.wake() }
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    wake.wake()
  }

  /// Sleeps until there is something to do.
  func next() -> Work {
    while true {
      wake.drain()
      let work = state.withLock { state in
        let work = Work(periods: state.waiting, nowSeconds: state.nowSeconds, isLast: state.isStopping)
        state.waiting = []
        return work
      }
      if !work.periods.isEmpty || work.isLast { return work }
      _ = wake.waitUntilWoken(atMost: .seconds(86_400))
    }
  }

  func recordWritten(_ count: Int) {
    state.withLock {
      $0.counters.written += count
      $0.counters.failure = nil
    }
  }

  func recordLost(_ count: Int, reason: String) {
    state.withLock {
      $0.counters.lost += count
      $0.counters.failure = reason
    }
  }
}

extension StatisticsPeriod {
  /// Nothing was counted in it.
  var isEmpty: Bool { cells.isEmpty && hitsWithoutRow == 0 }
}
