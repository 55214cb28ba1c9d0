import CMicroHTTPD
import Platform

/// What differs between Linux and macOS, in one place.
enum SystemCalls {
  /// How libmicrohttpd waits for its connections.
  static var workerFlags: UInt32 {
    let waiting: MHD_FLAG
    #if canImport(Darwin)
      waiting = MHD_USE_AUTO_INTERNAL_THREAD
    #else
      waiting = MHD_USE_EPOLL_INTERNAL_THREAD
    #endif
    return waiting.rawValue | MHD_USE_NO_LISTEN_SOCKET.rawValue | MHD_USE_ITC.rawValue
      | MHD_ALLOW_SUSPEND_RESUME.rawValue | MHD_USE_ERROR_LOG.rawValue
  }

  static var sendFlags: Int32 { Int32(MSG_DONTWAIT) | SystemSockets.sendFlags }

  /// Milliseconds of a clock that never goes back; coarse (about 4 ms on Linux) because it is read for every request.
  static func monotonicMs() -> UInt64 {
    #if canImport(Darwin)
      let clock = CLOCK_MONOTONIC_RAW_APPROX
    #else
      let clock = CLOCK_MONOTONIC_COARSE
    #endif
    var now = timespec()
    clock_gettime(clock, &now)
    return UInt64(clamping: now.tv_sec) &* 1000 &+ UInt64(clamping: now.tv_nsec / 1_000_000)
  }

  /// Descriptors below this number may be connections; the last few of what the process may open are kept back, so that
  /// commands, the store and the page get some.
  static var descriptorLimit: Int32 {
    var limit = rlimit()
    #if canImport(Darwin)
      let isKnown = getrlimit(RLIMIT_NOFILE, &limit) == 0
    #else
      let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    #endif
    guard isKnown else { return .max }
    return Int32(clamping: limit.rlim_cur - min(limit.rlim_cur / 4, descriptorsKeptBack))
  }

  private static let descriptorsKeptBack: rlim_t = 16

  /// A new stream socket that is closed on exec; `nil` with `errno` set when there is none.
  static func makeSocket(family: Int32) -> Descriptor? {
    let number = socket(family, SystemSockets.stream, 0)
    guard number >= 0 else { return nil }
    let made = Descriptor(number)
    made.closeOnExec()
    return made
  }

  /// Accepts one connection, closed on exec; -1 with `errno` set when there is none.
  static func accept(
    _ listener: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ length: UnsafeMutablePointer<socklen_t>
  ) -> Int32 {
    let number = systemAccept(listener, address, length)
    guard number >= 0 else { return number }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(number, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
    return number
  }

  static func close(_ descriptor: Int32) { _ = systemClose(descriptor) }

  static func setNoDelay(_ descriptor: Int32) {
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Copies what can be read without taking it; the number of bytes, 0 at the end, -1 with `errno` set.
  static func peek(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
  }

  /// Something that the other side sent waits to be read.
  static func hasUnread(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return withUnsafeMutableBytes(of: &byte) { peek(descriptor, into: $0) } > 0
  }

  /// Everything that was sent has been read, and nothing more will come.
  static func isAtEnd(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return withUnsafeMutableBytes(of: &byte) { peek(descriptor, into: $0) } == 0
  }

  /// The other side has closed the connection or its sending half, and everything that it sent before has been read.
  static func hasLeft(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    let count = withUnsafeMutableBytes(of: &byte) { peek(descriptor, into: $0) }
    return count == 0 || (count < 0 && !Errno.isNothingYet(Errno.current))
  }

  /// Milliseconds since the last bytes came on a TCP connection; `nil` where the system does not say.
  static func msSinceData(_ descriptor: Int32) -> UInt64? {
    #if canImport(Darwin)
      return nil
    #else
      var info = tcp_info()
      var length = socklen_t(MemoryLayout<tcp_info>.size)
      guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 else { return nil }
      return UInt64(info.tcpi_last_data_recv)
    #endif
  }

  /// The reader sees the end of what the other side sends; answering stays possible.
  static func shutdownReading(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_RD)) }

  /// The other side sees the end of what is sent to it.
  static func shutdownWriting(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends both directions, and has the later close tell the other side at once: one that is still sending would wait for
  /// a window that never opens again.
  static func abort(_ descriptor: Int32) {
    var setting = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
    shutdownBoth(descriptor)
  }

  static func shutdownBoth(_ descriptor: Int32) { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Bytes before the closing zero.
func terminatedLength(_ text: UnsafePointer<CChar>) -> Int { strlen(text) }

/// The system's `accept`, under a name that the methods above do not hide.
private func systemAccept(
  _ listener: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ length: UnsafeMutablePointer<socklen_t>
) -> Int32 {
  accept(listener, address, length)
}

/// The system's `close`, for the same reason.
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
