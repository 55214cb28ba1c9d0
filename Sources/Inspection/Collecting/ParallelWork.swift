import Platform

/// Runs pieces of work at the same time, each on a thread of its own, and waits for them for a limited time: the system's
/// resolver can take minutes, and nothing can stop it.
enum ParallelWork {
  /// What was there in time. Work that takes longer is left to itself.
  static func run<Key: Hashable & Sendable, Answer: Sendable>(
    _ works: [Key: @Sendable () -> Answer?], within limit: Duration
  ) -> [Key: Answer] {
    guard !works.isEmpty, let answers = Answers<Key, Answer>(awaited: works.count) else { return [:] }
    for (key, work) in works {
      do {
        try JoinableThread(name: "look") { answers.set(key, work()) }.detach()
      } catch {
        answers.set(key, nil)
      }
    }
    return answers.wait(atMost: limit)
  }
}

/// What came in so far. Threads that answer too late find nobody waiting, and the last one frees it.
private final class Answers<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
  private struct State {
    var found: [Key: Answer] = [:]
    var awaited: Int
  }

  private let state: Lock<State>
  private let gate: WakePipe

  /// `nil` when the process has no descriptors left.
  init?(awaited: Int) {
    guard let gate = try? WakePipe() else { return nil }
    self.gate = gate
    state = Lock(State(awaited: awaited))
  }

  func set(_ key: Key, _ answer: Answer?) {
    let isLast = state.withLock { state in
      state.found[key] = answer
      state.awaited -= 1
      return state.awaited == 0
    }
    if isLast { gate.wake() }
  }

  func wait(atMost limit: Duration) -> [Key: Answer] {
    _ = gate.waitUntilWoken(atMost: limit)
    return state.withLock { $0.found }
  }
}
