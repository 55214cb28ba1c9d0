import Platform

/// The two streams that a person or a script reads.
enum Output {
  private static let results = Lock(ResultStream())

  /// Prints a line of results to standard output, which is buffered.
  static func line(_ text: String) { results.withLock { $0.add(text) } }

  /// The same, seen at once.
  static func lineNow(_ text: String) {
    results.withLock { stream in
      stream.add(text)
      stream.flush()
    }
  }

  /// Makes everything printed so far visible.
  static func flush() { results.withLock { $0.flush() } }

  /// Whether standard output takes nothing any more: printing is over.
  static var isClosed: Bool { results.withLock { $0.failure != nil } }

  /// Waits a second; less when nobody reads standard output any more, as when `head` has seen enough, which a command that
  /// prints nothing for a while would not notice.
  static func waitForReader() {
    var stream = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    guard poll(&stream, 1, 1000) > 0 else { return }
    results.withLock { $0.close() }
  }

  /// Writes what is left. The error number when something that was printed could not be written; `nil` also when nobody
  /// reads it any more, as behind `head`, for that is no mistake.
  static func finish() -> CInt? {
    results.withLock { stream in
      stream.flush()
      return stream.failure == EPIPE ? nil : stream.failure
    }
  }

  /// What went wrong: standard error, behind the program's name.
  static func failure(_ text: String) { problem("roost: " + text) }

  /// Writes a line to standard error, after what was printed before it.
  static func problem(_ text: String) {
    // Before anything said there, what was already printed has to be out, or the two appear in the wrong order.
    flush()
    let bytes = Array((text + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

/// Standard output behind a buffer. Knows the first write that failed; what is printed afterwards is left out.
private struct ResultStream: Sendable {
  /// From so many bytes on they are written.
  private static let flushBytes = 64 << 10

  private var waiting: [UInt8] = []
  /// The error number of the first write that failed.
  private(set) var failure: CInt?

  mutating func add(_ line: String) {
    guard failure == nil else { return }
    waiting += line.utf8
    waiting.append(UInt8(ascii: "\n"))
    if waiting.count >= Self.flushBytes { flush() }
  }

  mutating func flush() {
    var written = 0
    while failure == nil, written < waiting.count {
      let count = waiting.withUnsafeBytes { bytes in
        write(STDOUT_FILENO, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count > 0 { written += count } else if count < 0 { recover(errno) }
    }
    waiting.removeAll(keepingCapacity: true)
  }

  /// Nobody reads any more: what is printed from now on is left out.
  mutating func close() { failure = failure ?? EPIPE }

  /// An interrupted write and a full pipe that does not block are tried again; anything else stays.
  private mutating func recover(_ error: CInt) {
    switch error {
    case EINTR: break
    case EAGAIN, EWOULDBLOCK:
      var stream = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
      _ = poll(&stream, 1, -1)
    default: failure = error
    }
  }
}
