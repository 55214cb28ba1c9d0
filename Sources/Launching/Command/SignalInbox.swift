import Platform
import Synchronization

/// A signal that came, and where from.
package struct ReceivedSignal: Sendable, Equatable {
  package let number: Int32
  /// The process that sent it; 0 for the system, which signals for the terminal and for children.
  package let sender: Int32
}

/// Takes this process's signals as messages, in the order in which they came. There can be one in a process.
///
/// Handlers rather than blocked signals: a blocked signal stays blocked in the programs that are started, and not every
/// system reports the sender of one that is waited for.
package struct SignalInbox: ~Copyable {
  private let pipe: Pipe

  /// Takes these signals from now on, but for those that whoever started this process wants ignored (`nohup`). `SIGCHLD`
  /// is always taken: while it is ignored the system reports to nobody how a child ended.
  package init(_ numbers: [Int32]) throws(SystemError) {
    pipe = try Pipe()
    mailbox.store(pipe.writeEnd, ordering: .sequentiallyConsistent)
    for number in numbers { Self.take(number) }
  }

  deinit { mailbox.store(-1, ordering: .sequentiallyConsistent) }

  /// Waits until a signal comes, there is something to read from `input`, or the time is up.
  /// - Parameters:
  ///   - limit: `nil` waits for ever.
  ///   - input: a descriptor; `nil` for none.
  package func wait(atMost limit: Duration?, input: Int32? = nil) {
    var entries = [pipe.readEnd, input ?? -1].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    _ = poll(&entries, nfds_t(entries.count), limit.map { Int32(clamping: max($0.milliseconds, 0)) } ?? -1)
  }

  /// The next signal that has come; `nil` when there is none.
  package func next() -> ReceivedSignal? {
    var words: (number: Int32, sender: Int32) = (0, 0)
    let size = MemoryLayout.size(ofValue: words)
    let count = withUnsafeMutableBytes(of: &words) { read(pipe.readEnd, $0.baseAddress, size) }
    return count == size ? ReceivedSignal(number: words.number, sender: words.sender) : nil
  }

  private static func take(_ number: Int32) {
    var before = sigaction()
    sigaction(number, nil, &before)
    if isIgnored(before), number != SIGCHLD { return }
    var action = SignalAction.make { number, info, _ in
      let descriptor = mailbox.load(ordering: .relaxed)
      guard descriptor >= 0 else { return }
      let saved = errno
      // Both words in one write, which a pipe keeps together. A full one loses the signal; it holds thousands.
      var words: (number: Int32, sender: Int32) = (number, info.map { SignalAction.sender($0.pointee) } ?? 0)
      _ = withUnsafeBytes(of: &words) { write(descriptor, $0.baseAddress, $0.count) }
      errno = saved
    }
    sigaction(number, &action, nil)
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    SignalAction.address(of: action) == SignalAction.ignoring
  }
}

/// Where the handler writes; -1 for nowhere. A handler can reach nothing but globals.
private let mailbox = Atomic<Int32>(-1)
