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
      let batch = next()
      let isLast = state.withLock { $0.isStopping }
      if var batch {
        write(batch, &writer, report)
        var room = batch.takeRoom()
        state.withLock { $0.recycle(&room) }
      }
      for number in state.withLock({ $0.takeDone() }) { writer.remove(number) }
      if isLast || state.withLock({ $0.segments.isEmpty }) { writer.removeSpares() }
      if isLast { break }
    }
    files.unlock()
    ended.wake()
  }

  /// Sleeps until there is something to write, and a little longer, as others may share the wait for the disk and marks the
  /// write; `nil` when there is only something to remove.
  private func next() -> JournalState.Batch? {
    let isFailing = state.withLock { $0.failure != nil }
    let isWoken = wake.waitUntilWoken(atMost: isFailing ? Self.retryPeriod : .seconds(86_400))
    wake.drain()
    let began = ContinuousClock.now
    while isWoken, let gathering = state.withLock({ $0.gathering }) {
      let left = began + gathering - .now
      guard left > .zero else { break }
      if wake.waitUntilWoken(atMost: left) { wake.drain() }
    }
    let batch = state.withLock { $0.takeBatch() }
    return batch.isEmpty && !isFailing ? nil : batch
  }

  private func write(_ batch: JournalState.Batch, _ writer: inout JournalWriter, _ report: (String) -> Void) {
    let wasFailing = state.withLock { $0.failure != nil }
    do throws(JournalError) {
      if let begun = try writer.prepare(marks: { state.withLock { $0.allMarks } }) {
        state.withLock { $0.began(begun.number, bytes: begun.bytes) }
      }
      if wasFailing { try writer.probe() }
      // Marks need not survive a loss of power: what they mark would only be sent twice.
      try writer.write(batch.parts, isDurable: !batch.waiters.isEmpty || wasFailing)
      state.withLock { $0.wrote(batch) }
      if wasFailing { report("\(files.path): requests are written ahead again") }
      tell(batch, isDurable: true)
    } catch {
      state.withLock { $0.lost(batch, "\(error)") }
      if !wasFailing { report("requests cannot be written ahead, and are refused: \(error)") }
      tell(batch, isDurable: false)
    }
  }

  private func tell(_ batch: JournalState.Batch, isDurable: Bool) {
    for waiter in batch.waiters { waiter(isDurable) }
    if !batch.waiters.isEmpty, let afterWrite = afterWrite.withLock({ $0 }) { afterWrite() }
  }
}
