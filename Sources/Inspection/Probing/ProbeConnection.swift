import Addresses
import Platform

/// One attempt under way: connects, sends one request, reads. Owns its descriptor. Never blocks.
///
/// A class, because several are kept in an array and each must close its descriptor once.
final class ProbeConnection {
  /// An agent's `/info` has a few kilobytes.
  static let bytesMax = 262_144

  private enum Phase {
    case connecting
    case sending(from: Int)
    case reading
  }

  let place: SocketAddress
  let started: ContinuousClock.Instant
  /// When it has had its time; moves on once connected.
  private(set) var deadline: ContinuousClock.Instant
  let descriptor: CInt
  private let limits: CollectionLimits
  private let request: [UInt8]
  private var received: [UInt8] = []
  private var phase = Phase.connecting
  /// Set once it is over.
  private(set) var result: ProbeResult?

  /// Starts to connect; `request` is sent as soon as that has happened.
  init(_ place: SocketAddress, sending request: [UInt8], limits: CollectionLimits) {
    self.place = place
    self.limits = limits
    self.request = request
    started = .now
    deadline = started + limits.connecting
    let (descriptor, number) = ProbeSocket.connect(place)
    self.descriptor = descriptor
    if number == 0 {
      becomeConnected()
    } else if number != EINPROGRESS, number != EINTR {
      end(ProbeResult(connectError: number, at: place))
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The `poll` events that let the attempt go on, as its phase needs.
  var events: Int16 {
    switch phase {
    case .connecting: Int16(POLLOUT)
    case .sending: Int16(POLLOUT | POLLIN)
    case .reading: Int16(POLLIN)
    }
  }

  /// Goes on as far as it can after the descriptor became ready.
  func advance() {
    if case .connecting = phase {
      let number = ProbeSocket.error(descriptor)
      if number != 0 { return end(ProbeResult(connectError: number, at: place)) }
      // A port of the range that connections start from can connect to itself: nobody else is there.
      if case .tcp = place, ProbeSocket.isConnectedToItself(descriptor) {
        return end(ProbeResult(connectError: ECONNREFUSED, at: place))
      }
      becomeConnected()
    }
    if case .sending(let position) = phase, result == nil { send(from: position) }
    // Some speak first, or answer and close before they have read.
    if result == nil { read() }
  }

  /// Ends the attempt at its deadline: timed out, or judged by what was received.
  func expire() {
    if case .connecting = phase {
      end(ProbeResult(.timedOut, errorName: "ETIMEDOUT"))
    } else {
      end(ProbeResult(received: received, closedBy: .deadline))
    }
  }

  private func becomeConnected() {
    phase = .sending(from: 0)
    deadline = .now + limits.answering
  }

  private func send(from position: Int) {
    var position = position
    while position < request.count {
      let sent = request.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[position...])
        return systemSend(descriptor, rest.baseAddress, rest.count)
      }
      if sent < 0, errno == EINTR { continue }
      // What the peer said before it closed is still to be read.
      if sent < 0, errno != EAGAIN { break }
      if sent < 0 {
        phase = .sending(from: position)
        return
      }
      position += sent
    }
    phase = .reading
  }

  private func read() {
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = part.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count > 0 {
        received += part[..<count]
        if isEnough {
          return end(ProbeResult(received: received, closedBy: .peer))
        }
      } else if count == 0 {
        return end(ProbeResult(received: received, closedBy: .peer))
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        return end(ProbeResult(received: received, closedBy: .error(errno)))
      }
    }
  }

  private var isEnough: Bool {
    received.count >= Self.bytesMax || HTTPAnswer(received)?.isComplete == true
      || SpokenProtocol.name(of: received) == "tls"
  }

  private func end(_ result: ProbeResult) {
    var result = result
    let (seconds, attoseconds) = started.duration(to: .now).components
    result.durationMs = (Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000)
    self.result = result
  }
}

/// The system's `send`, under a name that the method above does not hide.
private func systemSend(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  send(descriptor, bytes, count, SystemSockets.sendFlags)
}
