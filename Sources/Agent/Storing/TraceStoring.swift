import Platform
import Store
import Synchronization
import TraceModel

/// The way of traces from the receiving threads to the store. It is there before the store, which is opened behind the
/// port; what comes before that is not stored.
final class TraceStoring: Sendable {
  /// Shared, so that the budget is one for all threads. Taken once a request.
  let thinning: Lock<TraceThinning>
  /// By which all threads hash the resources of `thinning`.
  let seed = TableSeed.random()
  private let target = Lock<(@Sendable (TraceBlock) -> Void)?>(nil)
  private let hasTarget = Atomic<Bool>(false)

  /// Stores nothing until it is opened.
  /// - Parameter spansPerSecond: past which traces are thinned; 0 is no limit.
  init(spansPerSecond: Int) {
    thinning = Lock(TraceThinning(spansPerSecond: spansPerSecond == 0 ? .max : spansPerSecond))
  }

  /// Whether there is a store.
  var isOpen: Bool { hasTarget.load(ordering: .relaxed) }

  /// From now on blocks go to `target`, which must not block.
  func open(_ target: @escaping @Sendable (TraceBlock) -> Void) {
    self.target.withLock { $0 = target }
    hasTarget.store(true, ordering: .relaxed)
  }

  /// Hands a block over; never blocks.
  func add(_ block: TraceBlock) {
    guard let target = target.withLock({ $0 }) else { return }
    target(block)
  }
}
