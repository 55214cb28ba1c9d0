import Platform
import Synchronization

/// Answers commands on the control socket, on a thread of its own that sleeps when nobody asks. One query at a time, but for
/// those that may take long, which get threads of their own meanwhile.
package final class ControlServer: Sendable {
  /// The unix socket's file, which stopping the server removes.
  package let path: String
  private let loop: ControlLoop
  private let thread: Lock<JoinableThread?>
  private let ended: WakePipe

  /// Listens on `path` (see `ControlError` for what can be in the way) and starts answering.
  ///
  /// - Parameters:
  ///   - group: whose members may query too, as every query only reads; `groupFailure` says when they cannot.
  ///   - isPatient: whether to wait, in place of a throw, for what is in the way; `failure` names that, and each
  ///     `restoreSocket` tries again.
  package init(
    path: String, group: gid_t? = nil, isPatient: Bool = false, answering: any ControlAnswering
  ) throws(ControlError) {
    self.path = path
    let loop = try ControlLoop(path: path, group: group, isPatient: isPatient, answering: answering)
    self.loop = loop
    do {
      let ended = try WakePipe()
      self.ended = ended
      thread = Lock(
        try JoinableThread(name: "roost-control") {
          loop.run()
          loop.close()
          ended.wake()
        })
    } catch {
      throw .system(path: path, detail: "\(error)")
    }
  }

  deinit { stop() }

  /// Why no command can query now; `nil` when all is well.
  package var failure: ControlError? { loop.failure }

  /// Why members of the group cannot query; `nil` when they can, or no group was named.
  package var groupFailure: ControlError? { loop.groupFailure }

  /// Queries understood since the server began; connections that asked nothing do not count.
  package var queryCount: Int { loop.queryCount.load(ordering: .relaxed) }

  /// Connections taken so far, also of those that asked nothing.
  var connectionCount: Int { loop.connectionCount.load(ordering: .relaxed) }

  /// Removes the socket's file, and lets the thread finish the query in hand and stop listening; does not wait for it.
  package func beginStop() {
    loop.stop()
    loop.removeFile()
  }

  /// Makes the socket anew if its file is gone, as when somebody tidied up the folder; to be called every second or so.
  /// - Returns: what is new, for the log; `nil` nearly always.
  package func restoreSocket() -> ControlSocketChange? { loop.restore() }

  /// As `beginStop`, and waits until it is done, or leaves what is still being answered at the deadline to itself. Further
  /// calls do nothing.
  /// - Returns: whether nothing is being answered any more.
  @discardableResult package func stop(deadline: ContinuousClock.Instant = .now + ControlProtocol.endingLimit) -> Bool {
    guard let running = thread.withLock({ $0.take() }) else { return true }
    beginStop()
    let hasEnded = ended.waitUntilWoken(atMost: max(.zero, deadline - .now))
    hasEnded ? running.join() : running.detach()
    return hasEnded && !loop.hasLeftQueries.load(ordering: .relaxed)
  }
}
