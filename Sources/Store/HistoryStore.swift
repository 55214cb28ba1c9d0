import Platform
import Statistics

/// Keeps statistics and traces in a file or in memory: takes them from the threads that receive and flush, and writes them
/// on a thread of its own.
///
/// That thread sleeps until something comes. What is handed over while it is behind waits, up to a bound; what is beyond is
/// lost and counted. A failure is reported once until writing succeeds again.
package final class HistoryStore: Sendable {
  /// How long statistics are kept; seconds.
  package static let keptSeconds = StatisticsTable.keptSeconds

  /// Where it keeps what it has.
  package let location: StoreLocation
  private let queue: StoreQueue
  private let thread: Lock<JoinableThread?>
  private let tracker = Lock(OpenStatisticsTracker())

  /// Opens the database and starts the thread.
  /// - Parameters:
  ///   - location: a file's folder is made where it is missing.
  ///   - maxBytes: of all that is kept, 1 MiB at least; the oldest hours give way.
  ///   - report: a line for the log, on the store's thread.
  package init(
    _ location: StoreLocation, maxBytes: Int64, report: @escaping @Sendable (String) -> Void
  ) throws(StoreError) {
    self.location = location
    let queue: StoreQueue
    do { queue = try StoreQueue() } catch { throw .unusable(path: "\(location)", reason: "\(error)") }
    self.queue = queue
    let writer = try StoreWriter(location, maxBytes: max(maxBytes, 1 << 20), queue: queue, report: report)
    do {
      thread = Lock(try JoinableThread(name: "roost-store") { writer.run() })
    } catch {
      throw .unusable(path: "\(location)", reason: "\(error)")
    }
  }

  deinit { stop(deadline: .now) }

  /// Hands closed buckets over; never blocks. A bucket from the future counts as of now.
  package func add(_ buckets: [StatsBucket], bucketSizeNs: Int64, nowNs: Int64) {
    let width = max(bucketSizeNs / 1_000_000_000, 1)
    let periods = buckets.map { bucket in
      let start = min(bucket.startNs, nowNs) / 1_000_000_000
      return StatisticsPeriod(
        startSeconds: start - start % width, widthSeconds: width, cells: LocalAggregate.cells(of: bucket))
    }
    let closed = Set(buckets.map(\.startNs))
    tracker.withLock { tracker in
      tracker.forget(closed)
      queue.add(periods, closedBuckets: closed, nowSeconds: nowNs / 1_000_000_000)
    }
  }

  /// From now on `gather` is called on the store's thread, half a second after `noteArrival` or a little later: it hands over
  /// what has come. So a sudden death costs less than a second.
  package func gather(_ gather: @escaping @Sendable () -> Void) { queue.gather(gather) }

  /// Something has come that `gather` will hand over. Never blocks; once is enough until then.
  package func noteArrival() { queue.noteArrival() }

  /// Counts traces as lost that could not be handed over.
  package func lose(_ counts: ChunkCounts) { queue.lose(counts) }

  /// Hands over what has changed in buckets that are still open.
  /// - Parameter copying: gives the open buckets of each receiving thread, in the order of the threads; `nil` for one that
  ///   is busy. Called once, while no closed buckets can be handed over: a copy made before would outlive its bucket.
  package func addOpen(bucketSizeNs: Int64, nowNs: Int64, copying: () -> [[StatsBucket]?]) {
    tracker.withLock { tracker in
      if queue.takeLostOpen() { tracker = OpenStatisticsTracker() }
      tracker.changes(copying(), bucketSizeNs: bucketSizeNs, nowNs: nowNs) {
        queue.add($0, nowSeconds: nowNs / 1_000_000_000)
      }
    }
  }

  func add(_ periods: [StatisticsPeriod], nowSeconds: Int64) { queue.add(periods, nowSeconds: nowSeconds) }

  /// Bytes of traces that wait at most, with those that are being written.
  package static let waitingBytesMax = StoreQueue.blockBytesMax

  /// Bytes of traces that wait or are being written.
  package var waitingBytes: Int { queue.waitingBytes }

  /// Hands chunks of traces over; never blocks, and may be called from any thread. Beyond 8 MiB that wait, the block is
  /// lost and counted.
  package func add(_ block: TraceBlock, nowNs: Int64) { queue.add(block, nowSeconds: nowNs / 1_000_000_000) }

  /// Waits until all that was handed over before is written, or cannot be.
  /// - Returns: false when the deadline passed first.
  @discardableResult package func flush(deadline: ContinuousClock.Instant) -> Bool { queue.flush(deadline: deadline) }

  /// What it has done so far.
  package var counters: StoreCounters { queue.counters }

  /// Writes what waits and closes the file; what is not written by the deadline is lost. Called again, it does nothing.
  /// - Returns: false when the deadline passed first.
  @discardableResult package func stop(deadline: ContinuousClock.Instant) -> Bool {
    guard let thread = thread.withLock({ $0.take() }) else { return true }
    queue.stop()
    // A disk that hangs must not keep the agent from ending.
    let hasEnded = queue.ended.waitUntilWoken(atMost: max(.zero, deadline - .now))
    hasEnded ? thread.join() : thread.detach()
    return hasEnded
  }
}
