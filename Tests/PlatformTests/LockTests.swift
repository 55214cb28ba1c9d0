import Testing

@testable import Platform

@Suite struct `A lock` {
  private struct Refused: Error {}

  /// Something that cannot be copied and says when it is gone.
  private struct Owned: ~Copyable {
    let number: Int
    let onEnd: @Sendable () -> Void
    deinit { onEnd() }
  }

  @Test func `lets one thread at a time in`() throws {
    let count = Counter()
    let threads = 4
    let rounds = 50_000
    var running = ThreadGroup()
    for _ in 0..<threads {
      try running.start { for _ in 0..<rounds { count.increment() } }
    }
    running.joinAll()
    #expect(count.value == threads * rounds)
  }

  @Test func `gives back what its closure returns, also when that cannot be copied`() {
    let ended = Counter()
    let lock = Lock<Owned?>(Owned(number: 7) { ended.increment() })
    if let owned = lock.withLock({ $0.take() }) {
      #expect(owned.number == 7)
      #expect(ended.value == 0)
    } else {
      Issue.record("the value is not there")
    }
    #expect(ended.value == 1)
    #expect(lock.withLock { $0 == nil })
  }

  @Test func `ends its value together with itself`() {
    let ended = Counter()
    do {
      let lock = Lock(Owned(number: 1) { ended.increment() })
      #expect(lock.withLock { $0.number } == 1)
    }
    #expect(ended.value == 1)
  }

  @Test func `is waited for until the deadline, and had at once when it is free`() throws {
    let lock = SharedLock()
    let (isHeld, mayLeave) = (try WakePipe(), try WakePipe())
    let thread = try JoinableThread(name: "holds a lock") {
      lock.value.withLock { _ in
        isHeld.wake()
        _ = mayLeave.waitUntilWoken(atMost: .seconds(60))
      }
    }
    #expect(isHeld.waitUntilWoken(atMost: .seconds(60)))
    let deadline = ContinuousClock.now + .milliseconds(20)
    #expect(lock.value.withLock(until: deadline) { $0 } == nil)
    #expect(ContinuousClock.now >= deadline)
    #expect(lock.value.withLock(until: .now - .seconds(1)) { $0 } == nil)
    mayLeave.wake()
    #expect(lock.value.withLock(until: .now + .seconds(60)) { $0 } == 1)
    thread.join()
    #expect(lock.value.withLock(until: .now - .seconds(1)) { $0 } == 1)
  }

  private final class SharedLock: Sendable {
    let value = Lock(1)
  }

  @Test func `is open again after an error, and what was changed until then stays`() {
    let lock = Lock(1)
    #expect(throws: Refused.self) {
      try lock.withLock { (value: inout Int) throws(Refused) in
        value = 2
        throw Refused()
      }
    }
    #expect(lock.withLock { $0 } == 2)
  }
}

/// A number behind a lock.
final class Counter: Sendable {
  private let lock = Lock(0)

  var value: Int { lock.withLock { $0 } }
  func increment() { lock.withLock { $0 += 1 } }
}

/// Threads that are joined together.
struct ThreadGroup: ~Copyable {
  private var joins: [() -> Void] = []

  mutating func start(_ body: @escaping @Sendable () -> Void) throws {
    let started = Lock<JoinableThread?>(try JoinableThread(name: "test", body))
    joins.append { started.withLock { $0.take() }?.join() }
  }

  mutating func joinAll() {
    for join in joins { join() }
    joins = []
  }
}
