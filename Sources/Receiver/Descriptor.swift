import Platform

/// Owns one file descriptor and closes it.
struct Descriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { _ = close(number) }

  func closeOnExec() { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }

  /// Reads, writes and accepts return at once.
  func makeNonBlocking() { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }

  func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
