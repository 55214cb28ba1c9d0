import Addresses
import Platform

/// One open listening socket. Closed, and its file removed, when the last reference goes.
final class Listener: Sendable {
  private let descriptor: Descriptor
  /// As it really is: with the port that was given for 0.
  let address: SocketAddress
  /// Set when this process made the socket file.
  let file: SocketFile?

  init(_ descriptor: consuming Descriptor, _ address: SocketAddress, file: SocketFile? = nil) {
    descriptor.makeNonBlocking()
    self.descriptor = descriptor
    self.address = address
    self.file = file
  }

  deinit { file?.removeIfOurs() }

  var number: Int32 { descriptor.number }

  var isUnix: Bool { address.isUnix }

  /// Takes over a listening descriptor by number.
  /// - Returns: the listener, or one sentence about what is wrong with the descriptor, which then stays open.
  static func adopt(_ number: Int32, asUnix: Bool) -> Result<Listener, ListenerFailure> {
    func failure(_ reason: String) -> Result<Listener, ListenerFailure> {
      .failure(ListenerFailure(severity: .error, address: "descriptor \(number)", reason: reason))
    }
    var isListening: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 else {
      return failure("cannot be used as a listening socket: \(systemErrorText(Errno.current))")
    }
    guard isListening != 0 else { return failure("is a socket that does not listen") }
    guard let address = SystemAddress(boundTo: number)?.address else { return failure("has no address") }
    guard address.isUnix == asUnix else {
      return failure(asUnix ? "is not a unix socket" : "is not a TCP socket")
    }
    let adopted = Descriptor(number)
    adopted.closeOnExec()
    return .success(Listener(adopted, address))
  }
}

extension ListenerFailure: Error {}

/// A socket file that this process made.
struct SocketFile: Sendable {
  let path: String
  private let identity: FileIdentity

  /// `nil` when there is no file.
  init?(at path: String) {
    guard let identity = FileIdentity(path) else { return nil }
    self.path = path
    self.identity = identity
  }

  /// Whether clients that connect to the path still come here.
  var isInPlace: Bool { FileIdentity(path) == identity }

  /// Removes the file unless somebody put another one there meanwhile.
  func removeIfOurs() {
    if isInPlace { unlink(path) }
  }
}
