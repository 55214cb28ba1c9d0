import Synchronization

/// How many of something are open, such as connections, and a wait for the last to close.
package final class OpenCount: Sendable {
  private let count = Atomic<Int>(0)
  private let isAwaited = Atomic<Bool>(false)
  /// Opened when the last has closed; made when somebody waits for that.
  private let gate = Lock<WakePipe?>(nil)

  /// A count of 0, for which nobody waits.
  package init() {}

  /// How many are open at this moment.
  package var value: Int { count.load(ordering: .relaxed) }

  /// To be called when one more opens.
  package func open() { count.add(1, ordering: .sequentiallyConsistent) }

  /// To be called when one of them has closed.
  package func close() {
    // Sequentially consistent together with `waitUntilNone`: one of the two sees the other.
    let left = count.subtract(1, ordering: .sequentiallyConsistent).newValue
    if left <= 0, isAwaited.load(ordering: .sequentiallyConsistent) { gate.withLock { $0?.wake() } }
  }

  /// Waits until none is open. To be called when no more are opened.
  /// - Returns: false when `limit` passed first, or when the process has no descriptors to wait with.
  @discardableResult
  package func waitUntilNone(atMost limit: Duration) -> Bool {
    let pipe = gate.withLock { gate in
      if gate == nil { gate = try? WakePipe() }
      return gate
    }
    isAwaited.store(true, ordering: .sequentiallyConsistent)
    if count.load(ordering: .sequentiallyConsistent) <= 0 { return true }
    return pipe?.waitUntilWoken(atMost: limit) ?? false
  }
}
