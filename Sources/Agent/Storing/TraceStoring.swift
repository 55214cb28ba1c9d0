import Platform
import Store
import Synchronization
import TraceModel

/// What takes traces from the receiving threads: a store. Nothing of it may block.
protocol TraceTaking: Sendable {
  /// Takes the chunks of a block.
  func add(_ block: TraceBlock)
  /// Bytes of blocks that it has taken and not written.
  var waitingBytes: Int { get }
  /// Something came to a receiving thread, to be gathered soon.
  func noteArrival()
  /// Traces were left out that it should have had.
  func lose(_ counts: ChunkCounts)
}

/// The way of traces from the receiving threads to the store. It is there before the store, which is opened behind the
/// port: what comes before that waits.
final class TraceStoring: Sendable {
  /// Bytes of blocks that wait for the store, or for it to open, at most.
  static let capacity = HistoryStore.waitingBytesMax

  private enum Target: Sendable {
    case opening(Waiting)
    case open(any TraceTaking)
    /// There will be no store.
    case none
  }

  fileprivate struct Waiting: Sendable {
    var blocks: [TraceBlock] = []
    var bytes = 0
    var lost = ChunkCounts()
  }

  /// Shared, so that the budget is one for all threads. Taken once a request, and once a block.
  let thinning: Lock<TraceThinning>
  /// By which all threads hash the resources of `thinning`.
  let seed = TableSeed.random()
  private let target = Lock(Target.opening(Waiting()))
  private let isWanted = Atomic<Bool>(true)
  /// Whether something came since what there was has been gathered.
  private let hasArrivals = Atomic<Bool>(false)

  /// Waits for a store.
  /// - Parameter spansPerSecond: past which traces are thinned; 0 is no limit.
  init(spansPerSecond: Int) {
    thinning = Lock(
      TraceThinning(spansPerSecond: spansPerSecond == 0 ? .max : spansPerSecond, capacity: Self.capacity))
  }

  /// Whether traces are to be gathered: there is a store, or one is being opened.
  var isOpen: Bool { isWanted.load(ordering: .relaxed) }

  /// Gives what has come so far to a store, and from now on everything; `nil` when there is none.
  func open(_ store: (any TraceTaking)?) {
    let waiting = target.withLock { target in
      defer { target = store.map { .open($0) } ?? .none }
      if case .opening(let waiting) = target { return waiting }
      return Waiting()
    }
    guard let store else { return isWanted.store(false, ordering: .relaxed) }
    for block in waiting.blocks { store.add(block) }
    if waiting.lost.chunks > 0 { store.lose(waiting.lost) }
    if hasArrivals.load(ordering: .acquiring) { store.noteArrival() }
  }

  /// Bytes of blocks that were handed over and are not written.
  var waitingBytes: Int {
    target.withLock { target in
      switch target {
      case .none: 0
      case .open(let store): store.waitingBytes
      case .opening(let waiting): waiting.bytes
      }
    }
  }

  /// Hands a block over; never blocks.
  func add(_ block: TraceBlock) {
    let store = target.withLock { target -> (any TraceTaking)? in
      switch target {
      case .none: return nil
      case .open(let store): return store
      case .opening(var waiting):
        waiting.take(block, bytesMax: Self.capacity)
        target = .opening(waiting)
        return nil
      }
    }
    store?.add(block)
    // Afterwards, so that its bytes are always in one of both numbers.
    thinning.withLock { $0.add(chosenBytes: -block.memoryBytes) }
  }

  /// To be called when something has come. Costs a look at a flag, but for the first time after each gathering.
  @inline(__always)
  func noteArrival() {
    if !hasArrivals.load(ordering: .relaxed) { noteFirstArrival() }
  }

  /// To be called before what has come is gathered.
  func beginGathering() { hasArrivals.store(false, ordering: .releasing) }

  private func noteFirstArrival() {
    guard !hasArrivals.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let store = target.withLock { target -> (any TraceTaking)? in
      if case .open(let store) = target { store } else { nil }
    }
    store?.noteArrival()
  }
}

extension TraceStoring.Waiting {
  fileprivate mutating func take(_ block: TraceBlock, bytesMax: Int) {
    guard bytes + block.memoryBytes <= bytesMax else { return lost += ChunkCounts(block) }
    bytes += block.memoryBytes
    blocks.append(block)
  }
}
