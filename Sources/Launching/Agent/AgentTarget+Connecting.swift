import Control
import Platform

extension AgentTarget {
  /// How long one that should take connections is given to take this one.
  private static let lookLimit = Duration.milliseconds(300)

  /// Whether anything takes connections there.
  package func takesConnections() -> Bool {
    do {
      _ = try connect(deadline: .now + Self.lookLimit)
      return true
    } catch {
      return false
    }
  }

  /// A connection to it. A name is looked up, and its first address taken.
  package func connect(deadline: ContinuousClock.Instant) throws(ControlError) -> StreamSocket {
    switch self {
    case .unix(let path): return try StreamSocket.connect(unixPath: path, deadline: deadline)
    case .tcp(let host, let port): return try Self.connect(host, port, name: "\(self)", deadline: deadline)
    }
  }

  private static func connect(
    _ host: String, _ port: UInt16, name: String, deadline: ContinuousClock.Instant
  ) throws(ControlError) -> StreamSocket {
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICSERV
    hints.ai_socktype = SystemSockets.stream
    var list: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &list)
    guard result == 0, let first = list else {
      throw .system(path: name, detail: String(cString: gai_strerror(result)))
    }
    defer { freeaddrinfo(list) }
    let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, first.pointee.ai_protocol)
    guard descriptor >= 0 else { throw .system(path: name, detail: systemErrorText(errno)) }
    let stream = StreamSocket(adopting: descriptor, peerName: name)
    try stream.finishConnecting(
      systemConnect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen), deadline: deadline)
    return stream
  }
}

/// The system's `connect`, under a name that the methods above do not hide.
private func systemConnect(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>?, _ size: socklen_t) -> CInt {
  connect(descriptor, address, size)
}
