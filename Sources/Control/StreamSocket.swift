import Addresses
import Platform

/// One end of a connected stream; owns its descriptor and closes it.
///
/// All calls take a deadline and throw `ControlError.timedOut` once it has passed; none blocks for longer.
package struct StreamSocket: ~Copyable, Sendable {
  /// What is at the other end, for messages: a path or `host:port`.
  package let peerName: String
  private let descriptor: CInt

  /// Takes over `descriptor`, which becomes non-blocking.
  init(adopting descriptor: CInt, peerName: String) {
    SystemSockets.prepare(descriptor)
    self.descriptor = descriptor
    self.peerName = peerName
  }

  deinit { close(descriptor) }

  /// The user at the other end of a unix socket.
  package var peerUserID: uid_t? { SystemSockets.peer(descriptor)?.uid }

  /// The process at the other end of a unix socket; 0 when it cannot be seen.
  package var peerProcessID: Int32 { SystemSockets.peer(descriptor)?.pid ?? 0 }

  /// Whether the other side has closed the connection, so that nobody waits for an answer any more.
  var hasHungUp: Bool {
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLHUP | POLLERR) != 0
  }

  /// Whether anything takes connections there, within a third of a second.
  package static func takesConnections(_ address: SocketAddress) -> Bool {
    do throws(ControlError) {
      _ = try connect(to: address, deadline: .now + .milliseconds(300))
      return true
    } catch {
      return false
    }
  }

  /// Connects to what listens there. Of a name, whose look-up no deadline ends, the first address is taken. Throws
  /// `noAgent` when nothing listens.
  package static func connect(
    to address: SocketAddress, deadline: ContinuousClock.Instant
  ) throws(ControlError) -> StreamSocket {
    let name = "\(address)"
    let targets: [SystemAddress]
    do throws(ResolutionFailure) {
      targets = try SystemAddress.resolve(address)
    } catch {
      throw address.isUnix ? .pathTooLong(path: name) : .system(path: name, detail: error.reason)
    }
    guard let target = targets.first else { throw .noAgent(path: name) }
    let descriptor = socket(target.family, SystemSockets.stream, 0)
    guard descriptor >= 0 else { throw .system(path: name, detail: "socket: \(systemErrorText(errno))") }
    let stream = StreamSocket(adopting: descriptor, peerName: name)
    try stream.finishConnecting(target.withPointer { connectSocket(descriptor, $0, $1) }, deadline: deadline)
    return stream
  }

  /// Waits for a non-blocking `connect` whose result was `result` and throws what became of it.
  private func finishConnecting(_ result: CInt, deadline: ContinuousClock.Instant) throws(ControlError) {
    guard result != 0 else { return }
    var number = errno
    if number == EINPROGRESS || number == EINTR {
      try wait(for: POLLOUT, deadline: deadline)
      var size = socklen_t(MemoryLayout<CInt>.size)
      number = 0
      guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else {
        number = errno
        throw .system(path: peerName, detail: "connect: \(systemErrorText(number))")
      }
      if number == 0 { return }
    }
    switch number {
    case ENOENT, ECONNREFUSED, ENOTDIR: throw .noAgent(path: peerName)
    case EACCES, EPERM: throw .notPermitted(path: peerName, detail: systemErrorText(number))
    case ENOTSOCK, EPROTOTYPE: throw .notASocket(path: peerName)
    // A unix socket whose backlog is full: the agent is there and does not take the connection.
    case EAGAIN: throw .timedOut
    default: throw .system(path: peerName, detail: "connect: \(systemErrorText(number))")
    }
  }

  /// Writes all of `bytes`, in several steps when the peer is slow; throws `timedOut` after `deadline`.
  package func write(_ bytes: [UInt8], deadline: ContinuousClock.Instant) throws(ControlError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[written...])
        return send(descriptor, rest.baseAddress, rest.count, SystemSockets.sendFlags)
      }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        try wait(for: POLLOUT, deadline: deadline)
      } else if errno == EPIPE || errno == ECONNRESET {
        throw .closedEarly
      } else if errno != EINTR {
        throw .system(path: peerName, detail: "send: \(systemErrorText(errno))")
      }
    }
  }

  /// Reads between 1 and `limit` bytes; empty means that the other side has closed.
  package func readSome(_ limit: Int, deadline: ContinuousClock.Instant) throws(ControlError) -> [UInt8] {
    while true {
      var failure: CInt = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
        let count = recv(descriptor, buffer.baseAddress, limit, 0)
        failure = count < 0 ? errno : 0
        filled = max(0, count)
      }
      switch failure {
      case 0: return bytes
      case EAGAIN: try wait(for: POLLIN, deadline: deadline)
      case EINTR: continue
      case ECONNRESET: throw .closedEarly
      default: throw .system(path: peerName, detail: "recv: \(systemErrorText(failure))")
      }
    }
  }

  /// Reads exactly `count` bytes; throws `closedEarly` when the other side stops before.
  package func read(_ count: Int, deadline: ContinuousClock.Instant) throws(ControlError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      // In steps, so that a length alone never makes us reserve its memory.
      let part = try readSome(min(count - bytes.count, 64 * 1024), deadline: deadline)
      if part.isEmpty { throw .closedEarly }
      bytes += part
    }
    return bytes
  }

  private func wait(for events: CInt, deadline: ContinuousClock.Instant) throws(ControlError) {
    while true {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { throw .timedOut }
      var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
      let ready = poll(&entry, 1, CInt(clamping: left.milliseconds))
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .system(path: peerName, detail: "poll: \(systemErrorText(errno))") }
    }
  }
}

/// `connect` under a name that the static method of the same name does not hide.
private func connectSocket(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> CInt {
  connect(descriptor, address, size)
}
