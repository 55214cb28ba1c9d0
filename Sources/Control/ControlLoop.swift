import Platform
import Synchronization

/// What has become of the control socket since somebody last looked.
package enum ControlSocketChange: Sendable, Equatable {
  /// Its file was gone, or could not be made before, and is there now.
  case opened
  /// There is none and none can be made, for another reason than before.
  case missing(ControlError)
}

/// What the control thread does: waits for connections and answers them, until it is woken to stop. What may take long is
/// answered on other threads meanwhile.
final class ControlLoop: Sendable {
  private struct Listeners: ~Copyable {
    var current: ControlListener?
    /// Takes the place of `current` as soon as the thread no longer waits for that.
    var next: ControlListener?
    /// Why there is no `next`, although there should be.
    var failure: ControlError?

    /// Whether commands reach the newest of the two.
    var isInPlace: Bool {
      switch next {
      case .some(let listener): listener.isInPlace
      case nil:
        switch current {
        case .some(let listener): listener.isInPlace
        case nil: false
        }
      }
    }

    /// Of the one in use; -1, which `poll` passes over, without one.
    var descriptor: CInt {
      switch current {
      case .some(let listener): listener.descriptor
      case nil: -1
      }
    }

    mutating func removeFiles() {
      current?.removeFile()
      next?.removeFile()
    }

    /// Why members of the group cannot connect to the one in use.
    var groupFailure: ControlError? {
      switch current {
      case .some(let listener): listener.groupFailure
      case nil: nil
      }
    }
  }

  private let path: String
  private let group: gid_t?
  private let listeners: Lock<Listeners>
  private let wakeup: WakePipe
  private let mustStop = Atomic<Bool>(false)
  /// Whether queries were still being answered when the socket was closed.
  let hasLeftQueries = Atomic<Bool>(false)
  /// Connections taken so far, also of those that asked nothing.
  let connectionCount = Atomic<Int>(0)
  /// Queries that were read whole and understood since the socket was opened.
  let queryCount = Atomic<Int>(0)
  private let answering: any ControlAnswering
  private let searches = QueryThreads(waitingMax: 8)

  /// A connection whose answer takes its time.
  private final class Waiting: Sendable {
    let stream: StreamSocket

    init(_ stream: consuming StreamSocket) { self.stream = stream }
  }

  /// - Parameter isPatient: whether one that cannot listen yet goes on trying at each `restore`, in place of a throw.
  init(
    path: String, group: gid_t? = nil, isPatient: Bool = false, answering: any ControlAnswering
  ) throws(ControlError) {
    do { wakeup = try WakePipe() } catch { throw .system(path: path, detail: "\(error)") }
    self.path = path
    self.group = group
    self.answering = answering
    do throws(ControlError) {
      listeners = Lock(Listeners(current: try ControlListener(path: path, group: group)))
    } catch {
      guard isPatient else { throw error }
      listeners = Lock(Listeners(failure: error))
    }
  }

  /// Why nobody can query; `nil` when commands can.
  var failure: ControlError? { listeners.withLock { $0.failure } }

  /// Why members of the group cannot query; `nil` when they can, or no group was named.
  var groupFailure: ControlError? { listeners.withLock { $0.groupFailure } }

  /// Whether others than the agent's user and root may query: those that the socket's mode lets connect.
  private var isOpenToGroup: Bool { group != nil && groupFailure == nil }

  /// Makes `run` return after the query in hand.
  func stop() {
    mustStop.store(true, ordering: .releasing)
    wakeup.wake()
  }

  /// Removes the socket's file, so that nobody asks any more, before the listening ends.
  func removeFile() { listeners.withLock { $0.removeFiles() } }

  /// Waits for the queries on other threads, which are left to themselves when they do not end, stops listening and removes
  /// the socket's file. Only after `run` has returned.
  func close() {
    let hasEnded = searches.stop(deadline: .now + QueryThreads.endingLimit)
    hasLeftQueries.store(!hasEnded, ordering: .relaxed)
    listeners.withLock {
      _ = $0.current.take()
      _ = $0.next.take()
    }
  }

  /// Makes the socket anew if its file is gone, or for the first time once nothing is in its way.
  func restore() -> ControlSocketChange? {
    guard !mustStop.load(ordering: .acquiring) else { return nil }
    let change = listeners.withLock { listeners -> ControlSocketChange? in
      if listeners.isInPlace {
        // It was away, and whoever took it has brought it back.
        guard listeners.failure != nil else { return nil }
        listeners.failure = nil
        return .opened
      }
      do throws(ControlError) {
        listeners.next = try ControlListener(path: path, group: group)
        listeners.failure = nil
        return .opened
      } catch {
        defer { listeners.failure = error }
        return error == listeners.failure ? nil : .missing(error)
      }
    }
    if change == .opened { wakeup.wake() }
    return change
  }

  func run() {
    while !mustStop.load(ordering: .acquiring) {
      var entries = [
        pollfd(fd: takeListening(), events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeup.readEnd, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&entries, 2, -1) > 0 else { continue }
      if entries[1].revents != 0 { wakeup.drain() } else { takeConnection(from: entries[0].fd) }
    }
  }

  /// What to wait for: the newest listener.
  private func takeListening() -> CInt {
    listeners.withLock { listeners in
      if let next = listeners.next.take() { listeners.current = consume next }
      return listeners.descriptor
    }
  }

  private func takeConnection(from listening: CInt) {
    let descriptor = accept(listening, nil, nil)
    guard descriptor >= 0 else {
      if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
        // The connection stays in the backlog and would wake us at once, again and again.
        var entry = pollfd(fd: wakeup.readEnd, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 100)
      }
      return
    }
    connectionCount.add(1, ordering: .relaxed)
    let stream = StreamSocket(adopting: descriptor, peerName: "control connection")
    do {
      try serve(stream)
    } catch {
      // The command has gone or said nothing in time; it reports that to its person itself.
    }
  }

  private func serve(_ stream: consuming StreamSocket) throws(ControlError) {
    let query: ControlQuery
    switch try question(on: stream) {
    case .query(let understood): query = understood
    case .refused(let why): return try write(.refused(why), to: stream)
    case .ofVersion1:
      return try ControlFrame.writeVersionForV1(to: stream, deadline: .now + ControlProtocol.timeout)
    }
    guard answering.mayTakeLong(query) else {
      // What is in memory needs no claim, but for bytes that are copied and written as text.
      guard case .badPayload = query else { return try write(answering.answer(query), to: stream) }
      let (answer, claim) = answer(query)
      defer { withExtendedLifetime(claim) {} }
      return try write(answer, to: stream)
    }
    let waiting = Waiting(stream)
    searches.run(isSearch: query.isSearch) { [self] in
      // Who has given up meanwhile keeps nobody behind waiting.
      guard !waiting.stream.hasHungUp else { return }
      let (answer, claim) = answer(query)
      try? write(answer, to: waiting.stream)
      withExtendedLifetime(claim) {}
    } orRefuse: { [self] in
      try? write(.busy("the agent is at other queries"), to: waiting.stream)
    }
  }

  /// The answer, and the memory that is claimed for it until it is written.
  private func answer(_ query: ControlQuery) -> (ControlAnswer, AnswerClaim?) {
    let bytes = query.answerMemoryBytes
    guard bytes > 0 else { return (answering.answer(query), nil) }
    guard let claim = answering.claim(bytes: bytes) else { return (Self.withoutMemory, nil) }
    return (answering.answer(query), claim)
  }

  private static let withoutMemory = ControlAnswer.busy(
    "the agent has no memory left for the answer (apm_config.max_memory)")

  /// Writes an answer, or why it cannot be written; whoever waits for it has to read it in time.
  private func write(_ answer: ControlAnswer, to stream: borrowing StreamSocket) throws(ControlError) {
    let deadline = ContinuousClock.now + ControlProtocol.timeout
    do {
      try write(answer, to: stream, deadline: deadline)
    } catch .tooLarge(let bytes, let limit) {
      try write(
        .refused("the answer of \(bytes) bytes is over the limit of \(limit)"), to: stream, deadline: deadline)
    }
  }

  private func write(
    _ answer: ControlAnswer, to stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) {
    try ControlFrame.write(answer.message, limit: ControlProtocol.answerBytesMax, to: stream, deadline: deadline)
  }

  /// What came on a connection, as far as it was understood.
  private enum Question {
    case query(ControlQuery)
    /// No query, or not from somebody who may ask; and what to say to that.
    case refused(String)
    case ofVersion1
  }

  /// Reads the query; throws when nobody waits for an answer.
  private func question(on stream: borrowing StreamSocket) throws(ControlError) -> Question {
    let deadline = ContinuousClock.now + ControlProtocol.questionTimeout
    guard let user = stream.peerUserID, isOpenToGroup || mayTalk(user, geteuid()) else {
      return .refused("the agent belongs to another user")
    }
    do {
      let query = try ControlQuery(
        ControlFrame.read(limit: ControlProtocol.questionBytesMax, from: stream, deadline: deadline))
      queryCount.add(1, ordering: .relaxed)
      return .query(query)
    } catch .versionMismatch(theirs: 1) {
      return .ofVersion1
    } catch .versionMismatch(let theirs) {
      // The command reads our version from the answer and words the message.
      return .refused("the command speaks control protocol version \(theirs)")
    } catch .malformed(let detail) {
      return .refused("the question was not understood: \(detail)")
    } catch .tooLarge(let bytes, let limit) {
      return .refused("the question of \(bytes) bytes is over the limit of \(limit)")
    } catch .refused(let why) {
      return .refused(why)
    }
  }
}
