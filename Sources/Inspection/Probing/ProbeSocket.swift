import Platform

/// The socket calls of a probe.
enum ProbeSocket {
  /// Starts to connect. Returns the descriptor (-1 when there is none) and the error number: 0 when connected.
  static func connect(_ place: ProbePlace) -> (descriptor: CInt, error: CInt) {
    switch place {
    case .unix(let path):
      guard let address = SystemSockets.unixAddress(path) else { return (-1, ENAMETOOLONG) }
      return SystemSockets.withAddress(address) { connect(family: AF_UNIX, $0, $1) }
    case .tcp(let host, let port):
      var hints = addrinfo()
      hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
      hints.ai_socktype = SystemSockets.stream
      var list: UnsafeMutablePointer<addrinfo>?
      guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list?.pointee, let address = first.ai_addr
      else { return (-1, EINVAL) }
      defer { freeaddrinfo(list) }
      return connect(family: first.ai_family, address, first.ai_addrlen)
    }
  }

  private static func connect(
    family: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t
  ) -> (descriptor: CInt, error: CInt) {
    let descriptor = socket(family, SystemSockets.stream, 0)
    guard descriptor >= 0 else { return (-1, errno) }
    SystemSockets.prepare(descriptor)
    return (descriptor, systemConnect(descriptor, address, size) == 0 ? 0 : errno)
  }

  /// The error of a connection attempt that is over.
  static func error(_ descriptor: CInt) -> CInt {
    var number: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno
  }

  static func isConnectedToItself(_ descriptor: CInt) -> Bool {
    guard let own = name(descriptor, getsockname) else { return false }
    return name(descriptor, getpeername) == own
  }

  private static func name(
    _ descriptor: CInt,
    _ call: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
  ) -> [UInt8]? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &size) }
    }
    guard result == 0 else { return nil }
    return withUnsafeBytes(of: storage) { Array($0.prefix(Int(size))) }
  }
}

/// The system's `connect`, under a name that the methods above do not hide.
private func systemConnect(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> CInt {
  connect(descriptor, address, size)
}
