import Platform

/// One address of any family that a socket can be bound to.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private(set) var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// A numeric IPv4 or IPv6 address; `nil` for anything else.
  init?(numeric host: String, port: UInt16) {
    var v4 = sockaddr_in()
    var v6 = sockaddr_in6()
    if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = port.bigEndian
      self.init(copying: &v4, MemoryLayout<sockaddr_in>.size)
    } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = port.bigEndian
      self.init(copying: &v6, MemoryLayout<sockaddr_in6>.size)
    } else {
      return nil
    }
  }

  /// The address that a socket is bound to; `nil` when it has none.
  init?(boundTo descriptor: Int32) {
    let code = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard code == 0 else { return nil }
  }

  private init(copying address: UnsafeRawPointer, _ size: Int) {
    withUnsafeMutableBytes(of: &storage) { target in
      target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(size, target.count)))
    }
    length = socklen_t(size)
  }

  /// All addresses of a name, in the order of the system's resolver.
  /// - Throws: the text of the resolver.
  static func resolve(_ host: String, port: UInt16) throws(ResolutionFailure) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = SystemSockets.stream
    hints.ai_flags = AI_PASSIVE
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0, let first = list else {
      throw ResolutionFailure(reason: gai_strerror(code).map { String(cString: $0) } ?? "error \(code)")
    }
    defer { freeaddrinfo(first) }
    var found: [SocketAddress] = []
    var entry: UnsafeMutablePointer<addrinfo>? = first
    while let current = entry {
      if let address = current.pointee.ai_addr {
        found.append(SocketAddress(copying: address, Int(current.pointee.ai_addrlen)))
      }
      entry = current.pointee.ai_next
    }
    return found
  }

  var family: Int32 { Int32(storage.ss_family) }

  var isUnix: Bool { family == AF_UNIX }

  func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The address as people write it.
  var listenerDescription: ListenerDescription {
    withUnsafeBytes(of: storage) { bytes in
      switch family {
      case AF_INET:
        var v4 = bytes.loadUnaligned(as: sockaddr_in.self)
        return .tcp(host: Self.text(AF_INET, &v4.sin_addr), port: UInt16(bigEndian: v4.sin_port))
      case AF_INET6:
        var v6 = bytes.loadUnaligned(as: sockaddr_in6.self)
        return .tcp(host: Self.text(AF_INET6, &v6.sin6_addr), port: UInt16(bigEndian: v6.sin6_port))
      default:
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        let path = bytes.dropFirst(offset).prefix { $0 != 0 }
        return .unix(path: String(decoding: path, as: UTF8.self))
      }
    }
  }

  private static func text(_ family: Int32, _ address: UnsafeRawPointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      guard let start = buffer.baseAddress, inet_ntop(family, address, start, socklen_t(buffer.count)) != nil else {
        return "?"
      }
      return String(cString: start)
    }
  }
}

/// Why a name has no address, in the resolver's words.
struct ResolutionFailure: Error { let reason: String }
