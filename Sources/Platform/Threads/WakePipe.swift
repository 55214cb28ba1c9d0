/// Wakes a thread that waits in `poll`, from any thread; as a gate it lets every waiter through once it was opened.
/// Owns both ends of the pipe.
package final class WakePipe: Sendable {
  /// For `poll`: readable when somebody called `wake`. Does not block.
  package var readEnd: Int32 { pipe.readEnd }
  private let pipe: Pipe

  /// - Throws: when the process has no descriptors left.
  package init() throws(SystemError) { pipe = try Pipe() }

  /// Makes the read end readable. A full pipe is readable already, so a failed write needs no care.
  package func wake() {
    var byte: UInt8 = 1
    _ = write(pipe.writeEnd, &byte, 1)
  }

  /// Takes back all wakes so far.
  package func drain() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      while read(readEnd, buffer.baseAddress, buffer.count) == buffer.count {}
    }
  }

  /// Waits until somebody called `wake`, without taking it back, so that others who wait return too.
  /// - Returns: false when `limit` passed first.
  package func waitUntilWoken(atMost limit: Duration) -> Bool {
    let began = ContinuousClock.now
    while true {
      let left = limit - began.duration(to: .now)
      var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
      // Rounded up, because poll must not return early for ever.
      let ready = poll(&entry, 1, Int32(clamping: left.milliseconds))
      if ready > 0 { return true }
      if ready == 0 && left <= .zero { return false }
      if ready < 0 && errno != EINTR { return false }
    }
  }
}
