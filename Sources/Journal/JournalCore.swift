import Platform

/// What the journal's thread and its callers share, and what the thread does.
final class JournalCore: Sendable {
  /// After a failure it is tried again so often whether the disk can be written.
  private static let retryPeriod = Duration.seconds(1)
  /// When nothing was written for so long, what is kept for what may come is given back, on disk and in memory.
  static let quietPeriod = Duration.seconds(10)

  let files: JournalFolder
  private let bytesMax: Int
  /// The segments that were there when it began, by their numbers, the oldest first.
  let found: [UInt64]
  private let calls: SegmentCalls
  private let quietPeriod: Duration
  let state: Lock<JournalState>
  let wake: WakePipe
  let afterWrite = Lock<(@Sendable () -> Void)?>(nil)
  /// Woken when the thread has ended.
  let ended: WakePipe

  /// - Parameter bytesMax: of all files.
  init(
    folder: String, bytesMax: Int, threads: Int, _ calls: SegmentCalls, quietPeriod: Duration
  ) throws(JournalError) {
    files = try JournalFolder(folder)
    self.bytesMax = bytesMax
    self.calls = calls
    self.quietPeriod = quietPeriod
    state = Lock(JournalState(threads: threads))
    found = try JournalFolder.segmentNumbers(in: folder)
    do {
      wake = try WakePipe()
      ended = try WakePipe()
    } catch {
      throw .system(error, path: folder)
    }
  }

  func run(_ report: (String) -> Void) {
    JournalFolder.removeSpares(in: files.path)
    var writer = JournalWriter(folder: files.path, nextNumber: (found.last ?? 0) &+ 1, calls)
    while true {
      let isLast = writeGroup(&writer, report)
      for number in state.withLock({ $0.takeDone() }) { writer.remove(number) }
      if isLast || state.withLock({ $0.segments.isEmpty }) { writer.giveBack(to: 0) }
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
    let isWoken = wake.waitUntilWoken(atMost: patience(writer, wasFailing: wasFailing))
    guard isWoken || wasFailing else {
      writer.giveBack(to: 0)
      state.withLock { $0.giveRoomBack() }
      return false
    }
    wake.drain()
    let began = ContinuousClock.now
    var group = state.withLock { $0.emptyBatch }
    var start: Int?
    var failure: JournalError?
    while true {
      if isWoken { gather(since: began) }
      let elapsed = isWoken ? ContinuousClock.now - began : Journal.gathering
      var (piece, endsGroup, isLast) = state.withLock { $0.takePiece(after: elapsed) }
      if failure == nil, !piece.isEmpty || (wasFailing && start == nil) {
        do throws(JournalError) {
          writer.giveBack(to: max(bytesMax - state.withLock { $0.bytes }, 0))
          if start == nil { start = try begin(&writer, wasFailing: wasFailing) }
          try writer.write(&piece)
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

  /// For how long the thread sleeps where nobody wakes it.
  private func patience(_ writer: JournalWriter, wasFailing: Bool) -> Duration {
    if wasFailing { return Self.retryPeriod }
    return writer.spareBytes > 0 || state.withLock { $0.hasRoom } ? quietPeriod : .seconds(86_400)
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
    var isWritten = false
    do throws(JournalError) {
      if let failure { throw failure }
      isWritten = true
      // Marks need not survive a loss of power: what they mark would only be sent twice.
      if !group.waiters.isEmpty || wasFailing { try writer.sync() }
      state.withLock { $0.wrote(group) }
      if wasFailing { report("\(files.path): requests are written ahead again") }
      tell(group, isDurable: true)
    } catch {
      if let start { takeBack(from: start, &writer, hasDiskFailed: isWritten) }
      // The disk may be full.
      writer.giveBack(to: 0)
      state.withLock { $0.lost(group, "\(error)") }
      if !wasFailing { report("requests cannot be written ahead, and are refused: \(error)") }
      tell(group, isDurable: false)
    }
  }

  /// Takes back a group that is not safe.
  /// - Parameter hasDiskFailed: all of it was written, and could not be waited for.
  private func takeBack(from start: Int, _ writer: inout JournalWriter, hasDiskFailed: Bool) {
    guard hasDiskFailed else { return writer.cut(at: start) }
    if let removed = writer.abandon(from: start) { state.withLock { $0.removed(removed) } }
  }

  private func tell(_ batch: JournalState.Batch, isDurable: Bool) {
    for waiter in batch.waiters { waiter(isDurable) }
    if !batch.waiters.isEmpty, let afterWrite = afterWrite.withLock({ $0 }) { afterWrite() }
  }
}
