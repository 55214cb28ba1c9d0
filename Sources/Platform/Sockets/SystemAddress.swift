import Addresses

/// A socket's address in the system's own form, as `bind` and `connect` take it.
package struct SystemAddress: Sendable {
  private var storage = sockaddr_storage()
  private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// Of a numeric address or a path; nothing is looked up. `nil` for a name, and for a path that is empty, holds a zero
  /// or, with its closing one, does not fit.
  package init?(_ address: SocketAddress) {
    switch address {
    case .tcp(let host, let port): self.init(host, port)
    case .unix(let path): self.init(path)
    }
  }

  /// Of a name in Linux's abstract namespace, which no file stands for. `nil` for a name that is empty or does not fit,
  /// and on systems without that namespace.
  package init?(abstractName name: String) {
    #if os(Linux)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      let bytes = Array(name.utf8)
      let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { target in
        guard bytes.count < target.count, !bytes.isEmpty else { return false }
        // A zero in front is what makes it one.
        UnsafeMutableRawBufferPointer(rebasing: target.dropFirst()).copyBytes(from: bytes)
        return true
      }
      guard isFitting else { return nil }
      let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
      self.init(copying: &address, MemoryLayout<sockaddr_un>.size)
      length = socklen_t(start + 1 + bytes.count)
    #else
      return nil
    #endif
  }

  /// The address that a socket is bound to; `nil` when it has none.
  package init?(boundTo descriptor: CInt) { self.init(descriptor, getsockname) }

  /// The address of a socket's other end; `nil` when it is not connected.
  package init?(connectedTo descriptor: CInt) { self.init(descriptor, getpeername) }

  private init?(
    _ descriptor: CInt, _ name: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
  ) {
    let code = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &length) }
    }
    guard code == 0 else { return nil }
  }

  private init?(_ host: String, _ port: UInt16) {
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
    } else if host.contains("%"),
      let scoped = try? Self.lookUp(host, port, flags: AI_NUMERICHOST).get().first
    {
      // An IPv6 address of one interface, such as `fe80::1%eth0`.
      self = scoped
    } else {
      return nil
    }
  }

  private init?(_ path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let isFitting = withUnsafeMutableBytes(of: &address.sun_path) { target in
      let bytes = Array(path.utf8)
      guard bytes.count < target.count, !bytes.isEmpty, !bytes.contains(0) else { return false }
      target.copyBytes(from: bytes)
      return true
    }
    guard isFitting else { return nil }
    #if canImport(Darwin)
      address.sun_len = UInt8(MemoryLayout<sockaddr_un>.size)
    #endif
    self.init(copying: &address, MemoryLayout<sockaddr_un>.size)
  }

  private init(copying address: UnsafeRawPointer, _ size: Int) {
    withUnsafeMutableBytes(of: &storage) { target in
      target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(size, target.count)))
    }
    length = socklen_t(size)
  }

  /// All that an address stands for: one for a number or a path, for a name those of the system's resolver, in its order.
  /// A resolver may take minutes.
  package static func resolve(_ address: SocketAddress) throws(ResolutionFailure) -> [SystemAddress] {
    if let numeric = SystemAddress(address) { return [numeric] }
    guard case .tcp(let host, let port) = address else { throw ResolutionFailure(reason: "the path does not fit") }
    switch lookUp(host, port, flags: 0) {
    case .success(let found): return found
    case .failure(let failure): throw failure
    }
  }

  private static func lookUp(
    _ host: String, _ port: UInt16, flags: CInt
  ) -> Result<[SystemAddress], ResolutionFailure> {
    var hints = addrinfo()
    hints.ai_socktype = SystemSockets.stream
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    guard code == 0, let first = list else {
      return .failure(ResolutionFailure(reason: gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"))
    }
    defer { freeaddrinfo(first) }
    var found: [SystemAddress] = []
    var entry: UnsafeMutablePointer<addrinfo>? = first
    while let current = entry {
      if let address = current.pointee.ai_addr {
        found.append(SystemAddress(copying: address, Int(current.pointee.ai_addrlen)))
      }
      entry = current.pointee.ai_next
    }
    return .success(found)
  }

  /// `AF_INET`, `AF_INET6` or `AF_UNIX`, as `socket` takes it.
  package var family: CInt { CInt(storage.ss_family) }

  /// Calls `connect`, `bind` or their like with the address and gives back what they return.
  package func withPointer<Result>(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) }
    }
  }

  /// The address as people write it. One of a family other than these three reads as a path.
  package var address: SocketAddress {
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

  private static func text(_ family: CInt, _ address: UnsafeRawPointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      guard let start = text.baseAddress, inet_ntop(family, address, start, socklen_t(text.count)) != nil else {
        return "?"
      }
      return String(cString: start)
    }
  }
}

/// Why a name has no address, in the resolver's words.
package struct ResolutionFailure: Error, Equatable {
  /// Such as `Name or service not known`.
  package let reason: String

  /// A failure for this reason.
  package init(reason: String) { self.reason = reason }
}
