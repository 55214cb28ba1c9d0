import Platform

/// Writes lines to a descriptor on a thread of its own, so that whoever logs never waits for the log's reader: a stalled
/// supervisor, a pager, a terminal that was stopped.
///
/// What waits is bounded; lines beyond that are left out, and how many is written when the reader is back. The thread
/// starts with the first line, and then holds the descriptor until it ends.
final class LogWriter: Sendable {
  /// Bytes of lines that wait for the thread, besides those that it is writing.
  static let waitingBytesMax = 256 << 10
  /// The thread only copies and writes.
  fileprivate static let stackBytes = 128 << 10

  private let core: LogWriterCore

  /// What became of lines that were to be written.
  struct Outcome: Equatable {
    /// Those that could not be, by their places among the lines that were given, counted from 0.
    var lost: [Int] = []
    /// Whether further lines may go to the same descriptor.
    var isUsable = true
  }

  /// What writes whole lines to a descriptor.
  typealias Sending = @Sendable (_ lines: [UInt8], _ descriptor: Int32) -> Outcome
  /// Where to go on after lines were written to a descriptor that is usable or not: another one, which is owned; `nil` for
  /// the same.
  typealias Next = @Sendable (_ descriptor: Int32, _ isUsable: Bool) -> Int32?

  /// - Parameters:
  ///   - descriptor: written to until the writer is released and has written all, and closed then if `isOwned`. Below 0
  ///     for none yet: `next` opens one before the first line.
  ///   - hasThread: false writes each line at once, as it is done where no thread can be made.
  ///   - sending: writes to the descriptor, in its own way where that is no stream of bytes.
  ///   - next: called by the thread after each of its writes.
  ///   - notice: the line, with its end, that says how many others were left out.
  init(
    descriptor: Int32, isOwned: Bool, hasThread: Bool = true, sending: @escaping Sending = { writeStream($0, to: $1) },
    next: @escaping Next = { _, _ in nil }, notice: @escaping @Sendable (Int) -> String
  ) {
    core = LogWriterCore(
      descriptor: descriptor, isOwned: isOwned, hasThread: hasThread, sending: sending, next: next, notice: notice)
  }

  deinit { core.end() }

  /// Takes a line, with its end. Never waits.
  func add(_ line: String) { core.add(line) }

  /// Waits until all lines so far are written, or left out because they cannot be.
  func flush(atMost limit: Duration) { core.flush(atMost: limit) }

  /// Writes what comes from now on to another descriptor, which is owned, and closes the one before if it was.
  func replace(descriptor: Int32) { core.replace(descriptor: descriptor) }

  /// Whether a line is being written just now.
  var isWriting: Bool { core.isWriting }

  /// Lines that were left out so far, whether that was said or not.
  var linesLost: Int { core.linesLost }
}

private final class LogWriterCore: Sendable {
  private struct State {
    enum Thread { case none, running, impossible }

    var thread = Thread.none
    var waiting: [UInt8] = []
    var waitingLines = 0
    /// Left out because they could not be written, before those that wait, and not said yet.
    var lostBefore = 0
    /// Left out because too many wait, and not said yet. Until that is said, no line is taken: it would stand before those.
    var lostAfter = 0
    var linesLost = 0
    var isWriting = false
    /// Those who write a line themselves, for want of a thread.
    var writersAlone = 0
    var isEnding = false
    /// What the thread writes to from its next batch on.
    var descriptor: Int32
    /// Whether it is to be closed.
    var isOwned: Bool
    /// Those before it that are to be closed when nothing is written to them any more.
    var retired: [Int32] = []

    /// Woken when nothing is left to write.
    var waiters: [WakePipe] = []

    mutating func takeRetired() -> [Int32] {
      defer { retired = [] }
      return retired
    }

    /// The same, unless one of them may still be written to.
    mutating func takeUnused() -> [Int32] { isWriting || writersAlone > 0 ? [] : takeRetired() }
  }

  /// What is written in one go.
  private struct Batch {
    /// The lines that were added, behind a notice of `lostBefore` and in front of one of `lostAfter` unless these are 0.
    var bytes: [UInt8]
    let lines: Int
    let lostBefore: Int
    let lostAfter: Int
    let descriptor: Int32
    /// Not written to any more.
    let retired: [Int32]

    /// Places of the lines that were added, among all.
    var added: Range<Int> {
      let first = lostBefore > 0 ? 1 : 0
      return first..<first + lines
    }

    /// Places of all lines, notices among them.
    var places: Range<Int> { 0..<added.upperBound + (lostAfter > 0 ? 1 : 0) }
  }

  private let sending: LogWriter.Sending
  private let next: LogWriter.Next
  private let notice: @Sendable (Int) -> String
  private let state: Lock<State>
  /// `nil` when the process had no descriptors left: then each line is written at once.
  private let wake: WakePipe?

  init(
    descriptor: Int32, isOwned: Bool, hasThread: Bool, sending: @escaping LogWriter.Sending,
    next: @escaping LogWriter.Next, notice: @escaping @Sendable (Int) -> String
  ) {
    state = Lock(State(descriptor: descriptor, isOwned: isOwned))
    self.sending = sending
    self.next = next
    self.notice = notice
    wake = hasThread ? try? WakePipe() : nil
  }

  var linesLost: Int { state.withLock { $0.linesLost } }

  var isWriting: Bool { state.withLock { $0.isWriting || $0.writersAlone > 0 } }

  func add(_ line: String) {
    startThread()
    let own = state.withLock { state -> Int32? in
      if state.thread == .impossible {
        state.writersAlone += 1
        return state.descriptor
      }
      guard state.lostAfter == 0, state.waiting.count + line.utf8.count <= LogWriter.waitingBytesMax else {
        state.lostAfter += 1
        state.linesLost += 1
        return nil
      }
      state.waiting += line.utf8
      state.waitingLines += 1
      return nil
    }
    if let own { writeAlone(line, to: own) }
    wake?.wake()
  }

  private func writeAlone(_ line: String, to descriptor: Int32) {
    let outcome = sending(Array(line.utf8), descriptor)
    let unused = state.withLock { state in
      state.writersAlone -= 1
      state.linesLost += outcome.lost.count
      return state.takeUnused()
    }
    for descriptor in unused { _ = systemClose(descriptor) }
  }

  func replace(descriptor: Int32) {
    let unused = state.withLock { state -> [Int32] in
      if state.isOwned { state.retired.append(state.descriptor) }
      (state.descriptor, state.isOwned) = (descriptor, true)
      return state.takeUnused()
    }
    for descriptor in unused { _ = systemClose(descriptor) }
  }

  func flush(atMost limit: Duration) {
    guard let gate = try? WakePipe() else { return }
    let isDone = state.withLock { state -> Bool in
      if state.thread != .running || (state.waiting.isEmpty && state.lostAfter == 0 && !state.isWriting) { return true }
      state.waiters.append(gate)
      return false
    }
    if isDone { return }
    wake?.wake()
    _ = gate.waitUntilWoken(atMost: limit)
  }

  func end() {
    let isAlone = state.withLock { state -> Bool in
      state.isEnding = true
      return state.thread != .running
    }
    if isAlone { return close() }
    wake?.wake()
  }

  private func startThread() {
    state.withLock { state in
      guard state.thread == .none else { return }
      state.thread = .impossible
      guard wake != nil,
        let thread = try? JoinableThread(name: "roost-log", stackBytes: LogWriter.stackBytes, { [self] in run() })
      else { return }
      // A reader that never comes back must not keep the process from ending.
      thread.detach()
      state.thread = .running
    }
  }

  // MARK: The thread

  private func run() {
    while true {
      if let batch = take() {
        for descriptor in batch.retired { _ = systemClose(descriptor) }
        write(batch)
        continue
      }
      for descriptor in state.withLock({ $0.takeUnused() }) { _ = systemClose(descriptor) }
      if state.withLock({ $0.isEnding }) { return close() }
      guard let wake else { return }
      var entry = pollfd(fd: wake.readEnd, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, -1)
      wake.drain()
    }
  }

  private func write(_ batch: Batch) {
    var descriptor = batch.descriptor
    if descriptor < 0 { descriptor = goOn(after: descriptor, isUsable: false) }
    guard descriptor >= 0 else { return lose(batch.places, of: batch) }
    let outcome = sending(batch.bytes, descriptor)
    if !outcome.lost.isEmpty { lose(outcome.lost, of: batch) }
    _ = goOn(after: descriptor, isUsable: outcome.isUsable)
  }

  /// What waits, with what there is to say of lines that were left out; `nil` when nothing waits.
  private func take() -> Batch? {
    state.withLock { state in
      guard !state.waiting.isEmpty || state.lostAfter > 0 else {
        state.isWriting = false
        for waiter in state.waiters { waiter.wake() }
        state.waiters = []
        return nil
      }
      var bytes = state.lostBefore > 0 ? Array(notice(state.lostBefore).utf8) : []
      bytes += state.waiting
      if state.lostAfter > 0 { bytes += notice(state.lostAfter).utf8 }
      let batch = Batch(
        bytes: bytes, lines: state.waitingLines, lostBefore: state.lostBefore, lostAfter: state.lostAfter,
        descriptor: state.descriptor, retired: state.takeRetired())
      state.waiting = []
      state.waitingLines = 0
      state.lostBefore = 0
      state.lostAfter = 0
      state.isWriting = true
      return batch
    }
  }

  /// The disk is full, or nobody can read any more. It is said with the next batch that can be written. What a lost notice
  /// was about is counted already, and has to be said again.
  private func lose(_ places: some Sequence<Int>, of batch: Batch) {
    var (lines, inNotices) = (0, 0)
    for place in places {
      if batch.added.contains(place) {
        lines += 1
      } else {
        inNotices += place < batch.added.lowerBound ? batch.lostBefore : batch.lostAfter
      }
    }
    state.withLock { state in
      state.linesLost += lines
      state.lostBefore += lines + inNotices
    }
  }

  /// What is written to next: another descriptor where that is due, unless somebody has replaced this one already.
  private func goOn(after descriptor: Int32, isUsable: Bool) -> Int32 {
    guard let following = next(descriptor, isUsable) else { return descriptor }
    let isTaken = state.withLock { state in
      guard state.descriptor == descriptor else { return false }
      if state.isOwned, descriptor >= 0 { state.retired.append(descriptor) }
      (state.descriptor, state.isOwned) = (following, true)
      return true
    }
    if isTaken { return following }
    _ = systemClose(following)
    return descriptor
  }

  private func close() {
    let owned = state.withLock { state in state.takeRetired() + (state.isOwned ? [state.descriptor] : []) }
    for descriptor in owned where descriptor >= 0 { _ = systemClose(descriptor) }
  }
}

/// Writes all of it, however long the reader takes, or up to where that is impossible.
private func writeStream(_ bytes: [UInt8], to descriptor: Int32) -> LogWriter.Outcome {
  bytes.withUnsafeBytes { bytes in
    var written = 0
    while written < bytes.count {
      let count = systemWrite(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      if count > 0 {
        written += count
      } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
        // Somebody who shares the descriptor made it so.
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, -1)
      } else if count == 0 || errno != EINTR {
        func lines(_ part: Slice<UnsafeRawBufferPointer>) -> Int { part.count { $0 == UInt8(ascii: "\n") } }
        let out = lines(bytes[..<written])
        return LogWriter.Outcome(lost: Array(out..<out + lines(bytes[written...])), isUsable: false)
      }
    }
    return LogWriter.Outcome()
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
