import Platform

/// What the journal's thread and its callers share, and what the thread does.
final class JournalCore: Sendable {
  /// After a failure it is tried again so often whether the disk can be written.
  private static let retryPeriod = Duration.seconds(1)

  let files: JournalFolder
  let state: Lock<JournalState>
  let wake: WakePipe
  let afterWrite = Lock<(@Sendable () -> Void)?>(nil)
  /// Woken when the thread has ended.
  let ended: WakePipe

  init(folder: String, threads: Int) throws(JournalError) {
    files = try JournalFolder(folder)
    state = Lock(JournalState(threads: threads))
    do {
      wake = try WakePipe()
      ended = try WakePipe()
    } catch {
      throw .system(error, path: folder)
    }
  }

  func run(_ report: (String) -> Void) {
    JournalFolder.removeSpares(in: files.path)
    let last = JournalFolder.segmentNumbers(in: files.path).last ?? 0
    var writer = JournalWriter(folder: files.path, nextNumber: last &+ 1, state.withLock { $0.sign })
    while true {
      let isLast = writeGroup(&writer, report)
      for number in state.withLock({ $0.takeDone() }) { writer.remove(number) }
      if isLast || state.withLock({ $0.segments.isEmpty }) { writer.removeSpares() }
      if isLast { break }
    }
    files.unlock()
    ended.wake()
  }

  /// Sleeps until there is something to write, writes what comes within a little longer piece by piece, and waits for the disk
  /// once for all of it.
  /// - Returns: whether the journal stops.
  private func writeGroup(_ writer: inout JournalWriter, _ report: (String) -> Void) -> Bool {
    let wasFailing = state.withLock { $0.failure != nil }
    let isWoken = wake.waitUntilWoken(atMost: wasFailing ? Self.retryPeriod : .seconds(86_400))
    wake.drain()
    let began = ContinuousClock.now
    var group = state.withLock { $0.emptyBatch }
    var start: Int?
    var failure: JournalError?
    while true {
      if isWoken { gather(since: began) }
      let elapsed = isWoken ? ContinuousClock.now - began : Journal.busyGathering
      var (piece, endsGroup, isLast) = state.withLock { $0.takePiece(after: elapsed) }
      if failure == nil, !piece.isEmpty || (wasFailing && start == nil) {
        do throws(JournalError) {
          if start == nil { start = try begin(&writer, wasFailing: wasFailing) }
          try writer.write(piece.parts)
        } catch {
          failure = error
        }
      }
      group.note(piece)
      var room = piece.takeRoom()
      state.withLock { $0.recycle(&room) }
      guard endsGroup else { continue }
      if !group.isEmpty || wasFailing { end(group, &writer, from: start, failure, wasFailing: wasFailing, report) }
      return isLast
    }
  }

  /// Waits until there is enough for a piece, or the time of the group is over.
  private func gather(since began: ContinuousClock.Instant) {
    while let gathering = state.withLock({ $0.gathering }) {
      let left = began + gathering - .now
      guard left > .zero else { return }
      if wake.waitUntilWoken(atMost: left) { wake.drain() }
    }
  }

  /// Makes sure that there is a segment to write to.
  /// - Returns: where a group begins in it.
  private func begin(_ writer: inout JournalWriter, wasFailing: Bool) throws(JournalError) -> Int {
    if let begun = try writer.prepare(marks: { state.withLock { $0.allMarks } }) {
      state.withLock { $0.began(begun.number, bytes: begun.bytes) }
    }
    if wasFailing { try writer.probe() }
    return writer.end
  }

  /// Waits for the disk, and tells all requests of a group how it went.
  private func end(
    _ group: JournalState.Batch, _ writer: inout JournalWriter, from start: Int?, _ failure: JournalError?,
    wasFailing: Bool, _ report: (String) -> Void
  ) {
    do throws(JournalError) {
      if let failure { throw failure }
      // Marks need not survive a loss of power: what they mark would only be sent twice.
      if !group.waiters.isEmpty || wasFailing { try writer.sync() }
      state.withLock { $0.wrote(group) }
      if wasFailing { report("\(files.path): requests are written ahead again") }
      tell(group, isDurable: true)
    } catch {
      if let start { writer.cut(at: start) }
      // The disk may be full.
      writer.removeSpares()
      state.withLock { $0.lost(group, "\(error)") }
      if !wasFailing { report("requests cannot be written ahead, and are refused: \(error)") }
      tell(group, isDurable: false)
    }
  }

  private func tell(_ batch: JournalState.Batch, isDurable: Bool) {
    for waiter in batch.waiters { waiter(isDurable) }
    if !batch.waiters.isEmpty, let afterWrite = afterWrite.withLock({ $0 }) { afterWrite() }
  }
}
