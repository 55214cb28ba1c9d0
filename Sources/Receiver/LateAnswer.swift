import CMicroHTTPD
import Platform
import Synchronization

/// One answer that comes later: shared by the worker, whose connection waits for it, and whoever brings it.
package final class LateAnswer: Sendable {
  /// What came of the wait.
  enum Outcome: Sendable {
    case answer(Answer)
    /// Nobody brought an answer within `lateAnswerTimeout`: the client gets 504.
    case timedOut
    /// The ticket was released without an answer.
    case dropped
    case clientLeft
    /// The server stops and waits no longer.
    case stopping
  }

  private enum State: Sendable {
    /// The handler has not returned: the connection is not suspended yet.
    case begun
    case suspended(SuspendedConnection)
    /// Somebody is to be woken, who then takes the outcome.
    case awaited(_ wake: @Sendable () -> Void)
    /// Not delivered yet: the worker takes it.
    case resolved(Outcome)
    /// The worker has taken it, or the connection is gone.
    case over
  }

  /// When the client gets 504, on the monotonic clock; `nil` for an answer that is certain to come.
  let deadlineMs: UInt64?
  /// The same, or what `limit` has set since.
  private let endMs: Atomic<UInt64>
  private let state = Lock(State.begun)

  init(deadlineMs: UInt64?) {
    self.deadlineMs = deadlineMs
    endMs = Atomic(deadlineMs ?? .max)
  }

  /// Whether the wait is over at this time, on the monotonic clock.
  func isOver(atMs nowMs: UInt64) -> Bool { nowMs >= endMs.load(ordering: .relaxed) }

  /// An answer that was certain to come is so no longer: its client gets 504 at this time.
  func limit(toMs: UInt64) {
    if deadlineMs == nil { endMs.store(toMs, ordering: .relaxed) }
  }

  /// Who is to be told that there is an outcome.
  enum Waiting: Sendable {
    /// The handler has not returned, and finds it.
    case nobody
    case connection(SuspendedConnection)
    case somebody(_ wake: @Sendable () -> Void)

    func wake() {
      switch self {
      case .nobody: break
      case .connection(let connection): MHD_resume_connection(connection.handle)
      case .somebody(let wake): wake()
      }
    }
  }

  /// Ends the wait; the first outcome counts.
  /// - Returns: false when there is one already, or nobody waits.
  func resolve(_ outcome: Outcome) -> Bool {
    state.withLock { state in
      guard let waiting = end(&state, outcome) else { return false }
      // Within the lock: whoever sees that this is resolved may stop libmicrohttpd, which must have heard of it.
      waiting.wake()
      return true
    }
  }

  /// The same without waking anybody, which is the caller's to do before the server stops.
  /// - Returns: whom to wake; `nil` when there is an outcome already, or nobody waits.
  func resolveQuietly(_ outcome: Outcome) -> Waiting? { state.withLock { end(&$0, outcome) } }

  private func end(_ state: inout State, _ outcome: Outcome) -> Waiting? {
    switch state {
    case .begun:
      state = .resolved(outcome)
      return .nobody
    case .suspended(let connection):
      state = .resolved(deadlineMs == nil && answerHalfClosed(connection, outcome) ? .clientLeft : outcome)
      return .connection(connection)
    case .awaited(let wake):
      state = .resolved(outcome)
      return .somebody(wake)
    case .resolved, .over: return nil
    }
  }

  /// libmicrohttpd reads before it asks for the answer, and closes a connection whose client has closed its sending half:
  /// such a client gets its answer here.
  private func answerHalfClosed(_ connection: SuspendedConnection, _ outcome: Outcome) -> Bool {
    guard case .answer(let answer) = outcome, SystemCalls.hasLeft(connection.descriptor) else { return false }
    RawAnswer.send(
      answer.body.rawAnswer(status: answer.status, extraHeaders: answer.extraHeaders), to: connection.descriptor)
    return true
  }

  /// Suspends the connection, unless the outcome is there already. On the worker's thread, from its handler.
  /// - Returns: the outcome; `nil` when the connection is suspended.
  func suspend(_ connection: SuspendedConnection) -> Outcome? {
    state.withLock { state in
      if case .resolved(let outcome) = state {
        state = .over
        return outcome
      }
      state = .suspended(connection)
      MHD_suspend_connection(connection.handle)
      return nil
    }
  }

  /// Has somebody woken when there is an outcome, unless it is there already: for what is no connection of libmicrohttpd.
  /// - Parameter wake: called at most once, on any thread; must not wait for anything.
  /// - Returns: the outcome; `nil` when it is still to come.
  func awaitOutcome(_ wake: @escaping @Sendable () -> Void) -> Outcome? {
    state.withLock { state in
      if case .resolved(let outcome) = state {
        state = .over
        return outcome
      }
      state = .awaited(wake)
      return nil
    }
  }

  /// The outcome that the connection was resumed for, or somebody was woken for; `nil` while it is still to come. On the
  /// worker's thread.
  func takeOutcome() -> Outcome? {
    state.withLock { state in
      guard case .resolved(let outcome) = state else { return nil }
      state = .over
      return outcome
    }
  }

  /// The connection ended: nobody waits any more. On the worker's thread.
  /// - Returns: whether somebody had waited until now.
  func abandon() -> Bool {
    state.withLock { state in
      defer { state = .over }
      switch state {
      case .begun, .suspended, .awaited: return true
      case .resolved, .over: return false
      }
    }
  }

  /// The client of a suspended connection closed it, or at least its sending half. Not seen behind a pipelined request.
  var hasClientLeft: Bool {
    state.withLock { state in
      // A suspended connection is open: its descriptor cannot belong to another one.
      guard case .suspended(let connection) = state else { return false }
      return SystemCalls.hasLeft(connection.descriptor)
    }
  }
}

/// A connection that libmicrohttpd leaves alone. Valid until it is resumed.
struct SuspendedConnection: @unchecked Sendable {
  /// The connection as libmicrohttpd knows it.
  let handle: OpaquePointer
  let descriptor: Int32

  init(_ connection: Connection) {
    handle = connection.handle
    descriptor = connection.descriptor
  }
}
