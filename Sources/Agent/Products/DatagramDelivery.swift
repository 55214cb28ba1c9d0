import Addresses
import Platform

/// Datagrams for a DogStatsD, over UDP or a unix socket.
struct DatagramDelivery {
  /// What became of the lines.
  struct Outcome: Equatable {
    /// Bytes of lines that are longer than a DogStatsD reads at once.
    var tooLongBytes = 0
    /// Bytes of lines that could not be sent.
    var unsentBytes = 0
    /// Why they could not; `nil` when all were.
    var failure: String?
  }

  /// Longer lines go nowhere: no DogStatsD reads more at once.
  static let lineBytesMax = 8_192
  /// How long a reader that is behind is waited for, in all.
  private static let waitingMax = Duration.milliseconds(500)

  private let descriptor: CInt
  private var waitsUntil: ContinuousClock.Instant?
  private var outcome = Outcome()

  /// Sends the lines of a text over a socket of their own, as they lie there; ends at the first that fails. Takes at most
  /// half a second longer than sending does.
  static func send(linesOf text: UnsafeRawBufferPointer, to address: SocketAddress) -> Outcome {
    do throws(Failure) {
      var delivery = DatagramDelivery(descriptor: try connect(to: address))
      defer { close(delivery.descriptor) }
      delivery.send(text)
      return delivery.outcome
    } catch {
      return Outcome(unsentBytes: text.count, failure: error.reason)
    }
  }

  /// Sends datagrams over a socket of their own, and waits for no reader.
  /// - Returns: why one could not be sent; `nil` when all were.
  static func send(_ datagrams: [[UInt8]], to address: SocketAddress) -> String? {
    do throws(Failure) {
      let descriptor = try connect(to: address)
      defer { close(descriptor) }
      var failure: String?
      for datagram in datagrams {
        let sent = datagram.withUnsafeBytes {
          Platform.send(descriptor, $0.baseAddress, $0.count, SystemSockets.sendFlags)
        }
        // Over UDP a datagram that nobody took is the error of a later one.
        if sent < 0 { failure = SystemError("send", errno).description }
      }
      return failure
    } catch {
      return error.reason
    }
  }

  private struct Failure: Error { let reason: String }

  private static func connect(to address: SocketAddress) throws(Failure) -> CInt {
    guard let target = SystemAddress(address) else {
      throw Failure(reason: "this is neither an IP address nor the path of a socket")
    }
    let descriptor = target.withPointer { pointer, _ in
      socket(CInt(pointer.pointee.sa_family), SystemSockets.datagram, 0)
    }
    guard descriptor >= 0 else { throw Failure(reason: SystemError("socket", errno).description) }
    SystemSockets.prepare(descriptor)
    guard target.withPointer({ Platform.connect(descriptor, $0, $1) }) == 0 else {
      let failure = SystemError("connect", errno)
      close(descriptor)
      throw Failure(reason: failure.description)
    }
    return descriptor
  }

  private init(descriptor: CInt) { self.descriptor = descriptor }

  private mutating func send(_ text: UnsafeRawBufferPointer) {
    var start = 0
    while start < text.count {
      let rest = UnsafeRawBufferPointer(rebasing: text[start...])
      let line = UnsafeRawBufferPointer(rebasing: rest[..<(rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count)])
      if line.count > Self.lineBytesMax {
        outcome.tooLongBytes += line.count
      } else if !line.isEmpty, let failure = failure(ofSending: line) {
        // Over UDP a datagram that nobody took is the error of the next one; which one it was is not known.
        outcome.failure = failure
        outcome.unsentBytes = rest.count
        return
      }
      start += line.count + 1
    }
  }

  private mutating func failure(ofSending line: UnsafeRawBufferPointer) -> String? {
    while Platform.send(descriptor, line.baseAddress, line.count, SystemSockets.sendFlags) < 0 {
      let error = errno
      if error == EINTR { continue }
      guard error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS else {
        return SystemError("send", error).description
      }
      let until = waitsUntil ?? .now + Self.waitingMax
      waitsUntil = until
      guard .now < until else { return "it does not read as fast as is sent" }
      var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&place, 1, 10)
      // Where the system has no buffer left, the socket is ready all the same.
      if error == ENOBUFS { usleep(1_000) }
    }
    return nil
  }
}
