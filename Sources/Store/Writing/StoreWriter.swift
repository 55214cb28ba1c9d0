import Platform

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
  /// A segment of traces takes so small a part of what there may be, so that little is forgotten at a time.
  private static let segmentsOfAll: Int64 = 16
  /// Statistics take so small a part at most, so that they do not drive traces out.
  private static let statisticsOfAll: Int64 = 4
  /// The journal beside a file takes so small a part of what there may be, or so many bytes where that is less.
  private static let journalOfAll: Int64 = 8
  private static let journalBytes: Int64 = 4 << 20
  /// Pages given back to the file system in one go.
  private static let pagesGivenBack = 4_096

  private let file: StoreFile
  private let statistics: StatisticsTable
  private let traces: TraceTable
  private let queue: StoreQueue
  /// Of the database itself, without its journal.
  private let maxBytes: Int64
  private let statisticsMaxBytes: Int64
  private let report: @Sendable (String) -> Void
  private var agedAt: Int64 = 0
  private var keysLookedForAt: Int64 = 0
  /// Whether the last transaction failed.
  private var hasFailed = false
  /// Closed buckets whose open counts a transaction that failed has not removed.
  private var closedBefore: Set<Int64> = []
  /// Oldest segments that could not be removed: the next ones are, until it is tried again.
  private var skippedSegments = 0

  init(
    _ location: StoreLocation, maxBytes: Int64, queue: StoreQueue, report: @escaping @Sendable (String) -> Void
  ) throws(StoreError) {
    file = try StoreFile.openForWriting(location)
    let journal = location.isMemory ? 0 : min(maxBytes / Self.journalOfAll, Self.journalBytes)
    do throws(StoreError) {
      try file.limitJournal(bytes: journal)
      statistics = try StatisticsTable(file.database)
      let database = file.database, statistics = statistics
      try database.transaction { () throws(StoreError) in try statistics.closeOpen() }
      traces = try TraceTable(
        file.database, segmentBytesMax: max(maxBytes / Self.segmentsOfAll, 256 << 10),
        numbersFromClock: location.isMemory)
    } catch {
      file.unlock()
      throw error
    }
    self.queue = queue
    self.maxBytes = maxBytes - journal
    statisticsMaxBytes = maxBytes / Self.statisticsOfAll
    self.report = report
    try? recordSize()
  }

  func run() {
    var pace = WritingPace()
    // Not below the other threads: where processors are short, one that receives would wait for memory and locks that a
    // slower thread holds.
    while true {
      let work = queue.next(pace)
      let taken = ContinuousClock.now
      let isWritten = work.isEmpty || write(work)
      queue.finish(work, hasLostStatistics: !isWritten)
      pace.note(taken: taken, written: .now)
      if work.isLast { break }
    }
    file.unlock()
    queue.ended.wake()
  }

  /// - Returns: false when statistics could not be written.
  private func write(_ work: StoreQueue.Work) -> Bool {
    var work = work
    work.open.closed.formUnion(closedBefore)
    var outcome = WritingOutcome()
    do throws(StoreError) {
      outcome.senseless = try writeTransaction(work)
    } catch {
      hasFailed = true
      outcome = writeApart(work)
    }
    closedBefore = outcome.statisticsFailure == nil ? [] : work.open.closed
    note(outcome, work)
    // Also after a failure: on a full disk it is what helps.
    cleanUp(work.nowSeconds)
    file.database.releaseMemory()
    return outcome.statisticsFailure == nil
  }

  private func note(_ outcome: WritingOutcome, _ work: StoreQueue.Work) {
    var traceCounts = ChunkCounts()
    for block in work.blocks { traceCounts += ChunkCounts(block) }
    let before = queue.counters.failure
    if let failure = outcome.failure, before == nil {
      report("\(file.location): \(outcome.whatFailed) cannot be written: \(failure)")
    } else if outcome.failure == nil, before != nil {
      report("\(file.location): statistics and traces are written again")
    }
    queue.record { counters in
      if outcome.statisticsFailure == nil {
        counters.written += work.periods.count
      } else {
        counters.lost += work.periods.count
      }
      if outcome.tracesFailure == nil {
        counters.storedTraces += traceCounts
        counters.storedTraces -= outcome.senseless
        counters.lostTraces += outcome.senseless
      } else {
        counters.lostTraces += traceCounts
      }
      counters.failure = outcome.failure.map { "\($0)" }
    }
  }

  /// Writes in one transaction; once more where another connection held it up for too long, because what waits is then
  /// still good.
  /// - Returns: chunks that made no sense.
  private func writeTransaction(_ work: StoreQueue.Work) throws(StoreError) -> ChunkCounts {
    func attempt() throws(StoreError) -> ChunkCounts {
      if hasFailed { recover() }
      return try file.database.transaction { () throws(StoreError) in
        try writeStatistics(work)
        return try writeTraces(work)
      }
    }
    do throws(StoreError) { return try attempt() } catch {
      guard case .busy = error else { throw error }
      hasFailed = true
      return try attempt()
    }
  }

  /// Writes statistics and traces each in a transaction of its own: what is damaged of the one must not keep the other from
  /// being written. Traces go to another segment where the current one does not take them.
  private func writeApart(_ work: StoreQueue.Work) -> WritingOutcome {
    var outcome = WritingOutcome()
    recover()
    do throws(StoreError) {
      try file.database.transaction { () throws(StoreError) in try writeStatistics(work) }
    } catch {
      outcome.statisticsFailure = error
      hasFailed = true
    }
    guard !work.blocks.isEmpty else { return outcome }
    for isLastAttempt in [false, true] {
      do throws(StoreError) {
        outcome.senseless = try file.database.transaction { () throws(StoreError) in try writeTraces(work) }
        outcome.tracesFailure = nil
        break
      } catch {
        outcome.tracesFailure = error
        hasFailed = true
        recover()
        if !isLastAttempt { traces.leaveSegment() }
      }
    }
    return outcome
  }

  /// Removes what is old. A failure is reported once until it succeeds again: it does not keep what is new from being
  /// written.
  private func cleanUp(_ nowSeconds: Int64) {
    do throws(StoreError) {
      try keepWithin(nowSeconds)
      try recordSize()
      if skippedSegments == 0 { queue.record { $0.cleanUpFailure = nil } }
    } catch {
      hasFailed = true
      if queue.counters.cleanUpFailure == nil { report("\(file.location): what is old cannot be removed: \(error)") }
      queue.record { $0.cleanUpFailure = "\(error)" }
    }
  }

  private func writeStatistics(_ work: StoreQueue.Work) throws(StoreError) {
    for period in work.periods { try statistics.add(period) }
    try statistics.replaceOpen(work.open)
  }

  /// - Returns: chunks that made no sense.
  private func writeTraces(_ work: StoreQueue.Work) throws(StoreError) -> ChunkCounts {
    var senseless = ChunkCounts()
    for block in work.blocks { senseless += try traces.add(block, nowSeconds: work.nowSeconds) }
    try traces.finish()
    return senseless
  }

  /// What is in memory may say more than the database, where the last transaction was rolled back.
  private func recover() {
    statistics.forgetNumbers()
    traces.reload()
    hasFailed = false
  }

  private func keepWithin(_ nowSeconds: Int64) throws(StoreError) {
    // A clock that was set back counts as a minute that has passed.
    if abs(nowSeconds - agedAt) >= Self.agingSeconds {
      agedAt = nowSeconds
      for _ in 0..<Self.agingStepsMax where try !statistics.age(nowSeconds: nowSeconds) { break }
    }
    if abs(nowSeconds - keysLookedForAt) >= Self.keysSeconds {
      keysLookedForAt = nowSeconds
      skippedSegments = 0
      try statistics.forgetUnusedKeys()
    }
    if hasFailed { recover() }
    while try statistics.bytes() > statisticsMaxBytes, try statistics.forgetOldestHour(before: .max) {}
    while try usedBytes() > maxBytes, try forgetOldest(nowSeconds) {}
    // Free pages are filled again; they go where the file is too large with them.
    if try pages("page_count") * pageBytes() > maxBytes {
      try file.database.execute("PRAGMA incremental_vacuum(\(Self.pagesGivenBack))")
    }
  }

  /// Forgets the oldest hour: of traces, as long as there is another one; then of statistics; then whatever there is.
  private func forgetOldest(_ nowSeconds: Int64) throws(StoreError) -> Bool {
    do throws(StoreError) {
      let skipped = skippedSegments
      if try traces.forgetOldestSegment(evenCurrent: false, skipping: skipped, nowSeconds: nowSeconds) { return true }
    } catch {
      // Another reader or writer goes away; what is damaged does not, and must not keep the rest.
      if case .failed = error { skippedSegments += 1 }
      throw error
    }
    if try statistics.forgetOldestHour(before: nowSeconds - 7_200) { return true }
    let skipped = skippedSegments
    if try traces.forgetOldestSegment(evenCurrent: true, skipping: skipped, nowSeconds: nowSeconds) { return true }
    return try statistics.forgetOldestHour(before: .max)
  }

  private func recordSize() throws(StoreError) {
    let (used, oldest) = (try usedBytes(), try traces.oldestNs())
    queue.record {
      $0.usedBytes = used
      $0.oldestTraceNs = oldest
    }
  }

  private func usedBytes() throws(StoreError) -> Int64 {
    try (pages("page_count") - pages("freelist_count")) * pageBytes()
  }

  private func pages(_ pragma: String) throws(StoreError) -> Int64 { try file.database.integer("PRAGMA \(pragma)") }

  private func pageBytes() throws(StoreError) -> Int64 { try pages("page_size") }
}

/// What became of what was to be written.
private struct WritingOutcome {
  var statisticsFailure: StoreError?
  var tracesFailure: StoreError?
  /// Chunks that made no sense.
  var senseless = ChunkCounts()

  var failure: StoreError? { statisticsFailure ?? tracesFailure }

  /// As a person is told.
  var whatFailed: String {
    if statisticsFailure == nil { return "traces" }
    return tracesFailure == nil ? "statistics" : "statistics and traces"
  }
}
