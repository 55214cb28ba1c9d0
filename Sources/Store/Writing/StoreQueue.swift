import Platform
import Synchronization

/// What other threads hand to the store's thread, and the counters of both.
final class StoreQueue: Sendable {
  /// Periods that wait at most: with a bucket each 10 s from each of 64 receiving threads, those of 160 s.
  static let waitingMax = 1_024
  /// Rows of all periods that wait, at most.
  static let cellsMax = 200_000
  /// Bytes of blocks that wait or are being written, at most.
  static let blockBytesMax = 8 << 20
  /// Bytes of waiting blocks for which the thread does not wait any longer.
  private static let enoughBytes = 2 << 20

  /// What there is to do at one time.
  struct Work: Sendable {
    var periods: [StatisticsPeriod] = []
    var open = OpenStatistics()
    var blocks: [TraceBlock] = []
    var nowSeconds: Int64 = 0
    /// Whether the store ends, and nothing comes after this.
    var isLast = false
    /// Woken when all of this is written.
    fileprivate var waiters: [WakePipe] = []
    fileprivate var blockBytes = 0
    /// Rows of all periods that are waiting.
    fileprivate var cells = 0

    /// Whether there is nothing to write.
    var isEmpty: Bool { periods.isEmpty && blocks.isEmpty && open.isEmpty }
    fileprivate var isUrgent: Bool { isLast || !waiters.isEmpty || blockBytes >= StoreQueue.enoughBytes }
  }

  private struct State: Sendable {
    var waiting = Work()
    /// Whether something came that is to be gathered.
    var hasArrivals = false
    /// Of the blocks that wait and those that are being written.
    var blockBytes = 0
    var isStopping = false
    /// Whether changes of open buckets were lost since it was asked.
    var hasLostOpen = false
    var counters = StoreCounters()
  }

  private let state = Lock(State())
  /// `State.blockBytes`, for those who look at it with each request.
  private let waiting = Atomic<Int>(0)
  /// Makes others hand over what they have.
  private let gathering = Lock<(@Sendable () -> Void)?>(nil)
  private let wake: WakePipe
  /// Woken when the store's thread has ended.
  let ended: WakePipe

  init() throws(SystemError) {
    wake = try WakePipe()
    ended = try WakePipe()
  }

  var waitingBytes: Int { waiting.load(ordering: .relaxed) }

  var counters: StoreCounters { state.withLock { $0.counters } }

  /// - Parameter closedBuckets: starts of the buckets that these periods are, in ns: what was open of them goes.
  func add(_ periods: [StatisticsPeriod], closedBuckets: Set<Int64> = [], nowSeconds: Int64) {
    let hasWork = state.withLock { state in
      state.waiting.nowSeconds = nowSeconds
      state.waiting.open.close(closedBuckets)
      for period in periods where !period.isEmpty {
        if state.isStopping || state.waiting.periods.count >= Self.waitingMax
          || state.waiting.cells + period.cells.count > Self.cellsMax
        {
          state.counters.lost += 1
        } else {
          state.waiting.periods.append(period)
          state.waiting.cells += period.cells.count
        }
      }
      return !state.waiting.isEmpty
    }
    if hasWork { wake.wake() }
  }

  /// - Returns: how many of the changes were taken, from the first on; fewer than all when too many wait already.
  func add(_ open: OpenStatistics, nowSeconds: Int64) -> Int {
    guard !open.isEmpty else { return 0 }
    let taken = state.withLock { state in
      state.waiting.nowSeconds = nowSeconds
      return state.isStopping ? 0 : state.waiting.open.add(open)
    }
    if taken > 0 { wake.wake() }
    return taken
  }

  func add(_ block: TraceBlock, nowSeconds: Int64) {
    guard !block.chunks.isEmpty else { return }
    let bytes = block.memoryBytes
    let hasToWake = state.withLock { state in
      guard !state.isStopping, state.blockBytes + bytes <= Self.blockBytesMax else {
        state.counters.lostTraces += ChunkCounts(block)
        return false
      }
      let (wasEmpty, wasUrgent) = (state.waiting.isEmpty, state.waiting.isUrgent)
      state.blockBytes += bytes
      waiting.store(state.blockBytes, ordering: .relaxed)
      state.waiting.blockBytes += bytes
      state.waiting.nowSeconds = nowSeconds
      state.waiting.blocks.append(block)
      return wasEmpty || (!wasUrgent && state.waiting.isUrgent)
    }
    if hasToWake { wake.wake() }
  }

  /// From now on `gather` is called on the store's thread when something has come that others have to hand over.
  func gather(_ gather: @escaping @Sendable () -> Void) { gathering.withLock { $0 = gather } }

  /// Something came that whoever has it hands over when it is gathered.
  func noteArrival() {
    state.withLock { $0.hasArrivals = true }
    wake.wake()
  }

  /// Counts traces as lost that never came here.
  func lose(_ counts: ChunkCounts) { state.withLock { $0.counters.lostTraces += counts } }

  /// Waits until all that was handed over before is written, or cannot be.
  func flush(deadline: ContinuousClock.Instant) -> Bool {
    guard let written = try? WakePipe() else { return false }
    let isEnding = state.withLock { state in
      if !state.isStopping { state.waiting.waiters.append(written) }
      return state.isStopping
    }
    wake.wake()
    return (isEnding ? ended : written).waitUntilWoken(atMost: max(.zero, deadline - .now))
  }

  func stop() {
    state.withLock {
      $0.isStopping = true
      $0.waiting.isLast = true
    }
    // Whoever is gathered from has the store, as a rule: nothing would let go of the two.
    _ = gathering.withLock { $0.take() }
    wake.wake()
  }

  /// Sleeps until there is something to do, and a little longer, so that much is written at once.
  func next(_ pace: WritingPace) -> Work {
    while true {
      _ = wake.waitUntilWoken(atMost: .seconds(86_400))
      wake.drain()
      let end = pace.end(now: .now)
      while !state.withLock({ $0.waiting.isUrgent }), wake.waitUntilWoken(atMost: max(.zero, end - .now)) {
        wake.drain()
      }
      let hasArrivals = state.withLock { state in
        defer { state.hasArrivals = false }
        return state.hasArrivals && !state.waiting.isLast
      }
      if hasArrivals { gathering.withLock { $0 }?() }
      let work = state.withLock { state in
        let work = state.waiting
        state.waiting = Work()
        state.waiting.nowSeconds = work.nowSeconds
        return work
      }
      if !work.isEmpty || work.isUrgent { return work }
    }
  }

  /// Whether changes of open buckets were lost since the last call: then all that is open is to be handed over again.
  func takeLostOpen() -> Bool {
    state.withLock { state in
      defer { state.hasLostOpen = false }
      return state.hasLostOpen
    }
  }

  /// Lets go of what was written, or lost.
  func finish(_ work: Work, hasLostStatistics: Bool = false) {
    state.withLock { state in
      state.blockBytes -= work.blockBytes
      waiting.store(state.blockBytes, ordering: .relaxed)
      if hasLostStatistics, !work.open.changes.isEmpty { state.hasLostOpen = true }
    }
    for waiter in work.waiters { waiter.wake() }
  }

  /// Changes the counters that commands see.
  func record(_ change: (inout StoreCounters) -> Void) { state.withLock { change(&$0.counters) } }
}

extension StatisticsPeriod {
  /// Nothing was counted in it.
  var isEmpty: Bool { cells.isEmpty && hitsWithoutRow == 0 }
}

extension TraceBlock {
  /// Memory that it takes while it waits, roughly.
  package var memoryBytes: Int { bytes.count + chunks.count * MemoryLayout<Chunk>.stride }
}
