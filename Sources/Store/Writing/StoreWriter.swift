/// The store's thread: writes what was handed over, and lets what is old grow coarse and go.
///
/// Sendable by hand: made on the thread that opens the store, and from then on used on the store's thread alone.
final class StoreWriter: @unchecked Sendable {
  /// What grows old is looked after once in so many seconds, when something was written.
  private static let agingSeconds: Int64 = 60
  /// Coarse periods made in one go, so that a file of last month does not hold up what comes now.
  private static let agingStepsMax = 120
  /// Unused keys are looked for once in so many seconds.
  private static let keysSeconds: Int64 = 3_600

  private let file: StoreFile
  private let table: StatisticsTable
  private let queue: StoreQueue
  private let maxBytes: Int64
  private let report: @Sendable (String) -> Void
  private var agedAt: Int64 = 0
  private var keysLookedForAt: Int64 = 0

  init(
    path: String, maxBytes: Int64, queue: StoreQueue, report: @escaping @Sendable (String) -> Void
  ) throws(StoreError) {
    file = try StoreFile.openForWriting(path)
    do throws(StoreError) { table = try StatisticsTable(file.database) } catch {
      file.unlock()
      throw error
    }
    self.queue = queue
    self.maxBytes = maxBytes
    self.report = report
  }

  func run() {
    while true {
      let work = queue.next()
      if !work.isEmpty { write(work) }
      queue.finish(work)
      if work.isLast { break }
    }
    file.unlock()
    queue.ended.wake()
  }

  private func write(_ work: StoreQueue.Work) {
    do throws(StoreError) {
      try file.database.transaction { () throws(StoreError) in
        for period in work.periods { try table.add(period) }
      }
      if queue.counters.failure != nil { report("\(file.path): statistics are written again") }
      queue.record {
        $0.written += work.periods.count
        $0.failure = nil
      }
    } catch {
      if queue.counters.failure == nil { report("\(file.path): statistics cannot be written: \(error)") }
      queue.record {
        $0.lost += work.periods.count
        $0.failure = "\(error)"
      }
    }
    // Also after a failure: on a full disk it is what helps.
    do throws(StoreError) { try keepWithin(work.nowSeconds) } catch {
      queue.record { $0.failure = "\(error)" }
    }
    file.database.releaseMemory()
  }

  private func keepWithin(_ nowSeconds: Int64) throws(StoreError) {
    // A clock that was set back counts as a minute that has passed.
    if abs(nowSeconds - agedAt) >= Self.agingSeconds {
      agedAt = nowSeconds
      for _ in 0..<Self.agingStepsMax where try !table.age(nowSeconds: nowSeconds) { break }
    }
    if abs(nowSeconds - keysLookedForAt) >= Self.keysSeconds {
      keysLookedForAt = nowSeconds
      try table.forgetUnusedKeys()
    }
    while try usedBytes() > maxBytes, try table.forgetOldestHour() {}
    if try file.database.integer("PRAGMA freelist_count") > 0 {
      try file.database.execute("PRAGMA incremental_vacuum")
    }
  }

  private func usedBytes() throws(StoreError) -> Int64 {
    let pages = try file.database.integer("PRAGMA page_count") - file.database.integer("PRAGMA freelist_count")
    return pages * (try file.database.integer("PRAGMA page_size"))
  }
}
