import Addresses

/// Whether some process has the socket of a file open.
///
/// Found by connecting a socket of another type, which the system refuses before the owner could notice: an agent whose
/// file is looked at every second should not have to accept a connection each time.
package enum SocketFileUse: Equatable, Sendable {
  /// A process is bound to it, which listens or is about to.
  case used
  /// Left over: its process has ended.
  case unused
  /// The system does not say, for this reason (`errno`), such as a file that may not be written.
  case unknown(CInt)

  /// Looks at the file at a path. Does not wait.
  package init(of path: String) {
    guard let address = SystemAddress(.unix(path: path)) else {
      self = .unknown(ENAMETOOLONG)
      return
    }
    let descriptor = socket(AF_UNIX, SystemSockets.datagram, 0)
    guard descriptor >= 0 else {
      self = .unknown(errno)
      return
    }
    defer { close(descriptor) }
    SystemSockets.prepare(descriptor)
    let isConnected = address.withPointer { connect(descriptor, $0, $1) } == 0
    switch isConnected ? 0 : errno {
    // Nothing is wrong with a socket for datagrams, which then is what stands there.
    case 0, EPROTOTYPE: self = .used
    case ECONNREFUSED: self = .unused
    case let code: self = .unknown(code)
    }
  }
}
