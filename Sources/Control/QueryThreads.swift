import Platform

/// The threads that answer what may take long: two for searches of traces, and one for everything else, which no search
/// keeps waiting.
package final class QueryThreads: Sendable {
  private let searches: OnDemandThreads
  private let others = OnDemandThreads(name: "roost-query", threadsMax: 1, waitingMax: 64)

  /// - Parameter waitingMax: searches that wait for a thread; further ones are refused.
  package init(waitingMax: Int) {
    searches = OnDemandThreads(name: "roost-search", threadsMax: 2, waitingMax: waitingMax)
  }

  /// Calls one of both, once: `work` on another thread, or `refuse` on any, when too much waits or `stop` came first.
  package func run(
    isSearch: Bool, _ work: @escaping @Sendable () -> Void, orRefuse refuse: @escaping @Sendable () -> Void
  ) {
    (isSearch ? searches : others).run(work, orRefuse: refuse)
  }

  /// A little longer than any search takes that the store can end by itself.
  package static let endingLimit = Duration.milliseconds(2_500)

  /// Refuses what waits, and returns when nothing runs any more or at the deadline: what still runs is left to itself.
  /// - Returns: whether nothing runs.
  package func stop(deadline: ContinuousClock.Instant) -> Bool {
    let ended = [searches, others].map { $0.stop(deadline: deadline) }
    return !ended.contains(false)
  }
}
