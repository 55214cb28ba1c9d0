import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Answers commands on the control socket, one question at a time, on a thread of its own that sleeps when nobody asks.
package final class ControlServer: Sendable {
  /// Where it listens.
  package let path: String
  private let loop: ControlLoop
  private let thread: Mutex<SystemThread?>

  /// Listens on `path` (see `ControlError` for what can be in the way) and starts answering.
  package init(path: String, answering: any ControlAnswering) throws(ControlError) {
    self.path = path
    let loop = try ControlLoop(path: path, answering: answering)
    self.loop = loop
    // Answers are built from plain values, with no deep recursion.
    thread = Mutex(try SystemThread(stackBytes: 512 * 1024) { loop.run() })
  }

  deinit { stop() }

  /// Finishes the question in hand, stops listening and removes the socket's file. Further calls do nothing.
  package func stop() {
    guard let running = thread.withLock({ $0.take() }) else { return }
    loop.wake()
    running.join()
    loop.close()
  }
}
