#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Wakes a thread that waits in `poll`, from any thread; as a gate it lets every waiter through once it was opened.
final class WakePipe: Sendable {
  let readEnd: Int32
  private let writeEnd: Int32

  /// `nil` when the process has no descriptors left.
  init?() {
    var ends: (Int32, Int32) = (-1, -1)
    let made = withUnsafeMutablePointer(to: &ends) { pointer in
      pointer.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) }
    }
    guard made == 0 else { return nil }
    for end in [ends.0, ends.1] {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
    (readEnd, writeEnd) = ends
  }

  deinit {
    _ = close(readEnd)
    _ = close(writeEnd)
  }

  /// Makes the read end readable. A full pipe is readable already, so a failed write needs no care.
  func wake() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }

  /// Takes back all wakes so far.
  func drain() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
      while read(readEnd, room.baseAddress, room.count) == room.count {}
    }
  }

  /// Waits until somebody called `wake`, without taking it back, so that others who wait return too.
  /// - Returns: false when `limit` passed first.
  func waitUntilWoken(atMost limit: Duration) -> Bool {
    let end = Platform.monotonicMs() &+ UInt64(clamping: limit.milliseconds)
    while true {
      let now = Platform.monotonicMs()
      var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
      // One more millisecond, because the clock is coarse and poll must not return early for ever.
      let left = end > now ? Int32(clamping: end &- now &+ 1) : 0
      let ready = poll(&entry, 1, left)
      if ready > 0 { return true }
      if ready == 0 && now >= end { return false }
      if ready < 0 && errno != EINTR { return false }
    }
  }
}

extension Duration {
  /// Whole milliseconds, rounded up, never negative.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return .max }
    let (sum, overflowed) = product.addingReportingOverflow((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    return overflowed ? .max : sum
  }
}
