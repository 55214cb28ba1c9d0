import Configuration
import Control
import Platform

/// Where the configured agent takes traces, and the way to connect there.
enum ReceiverAddress {
  /// A numeric IPv4 or IPv6 address.
  case tcp(host: String, port: UInt16)
  case unix(path: String)

  /// In the order in which they are tried: TCP, then the unix socket.
  static func all(_ configuration: AgentConfiguration) -> [ReceiverAddress] {
    var addresses: [ReceiverAddress] = []
    if let port = UInt16(exactly: configuration.receiverPort), port > 0 {
      addresses += configuration.receiverHosts.map { .tcp(host: reachable($0), port: port) }
    }
    if !configuration.receiverSocket.isEmpty { addresses.append(.unix(path: configuration.receiverSocket)) }
    return addresses
  }

  /// As messages name it.
  var name: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }

  /// Whether anything takes connections there.
  func answers() -> Bool {
    do {
      _ = try connect(deadline: .now + .milliseconds(300))
      return true
    } catch {
      return false
    }
  }

  func connect(deadline: ContinuousClock.Instant) throws(ControlError) -> StreamSocket {
    switch self {
    case .unix(let path): return try StreamSocket.connect(unixPath: path, deadline: deadline)
    case .tcp(let host, let port): return try Self.connect(host, port, name: name, deadline: deadline)
    }
  }

  /// An address to listen on everywhere is reached through loopback.
  private static func reachable(_ host: String) -> String {
    switch host {
    case "0.0.0.0", "", "localhost": "127.0.0.1"
    case "::": "::1"
    default: host
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
