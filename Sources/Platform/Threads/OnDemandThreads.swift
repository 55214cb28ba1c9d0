/// Runs pieces of work on threads that exist only while there is some: a few at a time, and the rest waits its turn.
package final class OnDemandThreads: Sendable {
  private struct Work {
    let run: @Sendable () -> Void
    let refuse: @Sendable () -> Void
  }

  private struct State {
    /// Not taken by a thread yet.
    var waiting: [Work] = []
    /// Pieces of work that threads are at now.
    var running = 0
    var threads = 0
    var isStopped = false
  }

  private let name: String
  private let threadsMax: Int
  private let waitingMax: Int
  private let isInBackground: Bool
  private let state = Lock(State())

  /// - Parameters:
  ///   - name: of each thread, as `top` and debuggers show it.
  ///   - threadsMax: that work at the same time.
  ///   - waitingMax: pieces of work that wait for a thread; further ones are refused.
  ///   - isInBackground: as in `JoinableThread`.
  package init(name: String, threadsMax: Int, waitingMax: Int, isInBackground: Bool = false) {
    self.name = name
    self.threadsMax = threadsMax
    self.waitingMax = waitingMax
    self.isInBackground = isInBackground
  }

  /// Threads that are there now.
  package var threadCount: Int { state.withLock { $0.threads } }

  /// Calls one of both, once: `work` on another thread, or `refuse` on any, when too much waits, no thread could be had, or
  /// `stop` came first.
  package func run(_ work: @escaping @Sendable () -> Void, orRefuse refuse: @escaping @Sendable () -> Void) {
    let (isTaken, needsThread) = state.withLock { state -> (Bool, Bool) in
      let isFree = state.threads < threadsMax
      // A thread that begins may not have taken its piece yet: it waits for nobody, and takes no other's place.
      guard !state.isStopped, state.waiting.count + state.running < threadsMax + waitingMax else {
        return (false, false)
      }
      state.waiting.append(Work(run: work, refuse: refuse))
      if isFree { state.threads += 1 }
      return (true, isFree)
    }
    guard isTaken else { return refuse() }
    guard needsThread else { return }
    do {
      try JoinableThread(name: name, isInBackground: isInBackground) { [self] in runWaiting() }.detach()
    } catch {
      for left in endThread() { left.refuse() }
    }
  }

  /// Refuses what waits, and returns when nothing runs any more, or at the deadline: what runs then is left to itself.
  /// Nothing begins any more.
  /// - Returns: whether nothing runs.
  @discardableResult package func stop(deadline: ContinuousClock.Instant) -> Bool {
    let left = state.withLock { state in
      state.isStopped = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for work in left { work.refuse() }
    // Comes once, at the end of the process.
    while threadCount > 0 {
      guard ContinuousClock.now < deadline else { return false }
      usleep(1_000)
    }
    return true
  }

  private func runWaiting() {
    while let work = next() {
      work.run()
      state.withLock { $0.running -= 1 }
    }
  }

  /// What has waited longest; `nil` when nothing waits, with which the thread is none any more.
  private func next() -> Work? {
    state.withLock { state in
      guard state.waiting.isEmpty else {
        state.running += 1
        return state.waiting.removeFirst()
      }
      state.threads -= 1
      return nil
    }
  }

  /// Takes back a thread that could not be had; returns what nobody is left to do.
  private func endThread() -> [Work] {
    state.withLock { state in
      state.threads -= 1
      guard state.threads == 0 else { return [] }
      defer { state.waiting = [] }
      return state.waiting
    }
  }
}
