import Platform

/// Who is at the other end of a connection.
package enum PeerIdentity: Sendable, Hashable, CustomStringConvertible {
  /// Over TCP from this machine.
  case loopback(port: UInt16)
  /// Over TCP from elsewhere: the 16 bytes of an IPv6 address, IPv4 mapped into it (`::ffff:a.b.c.d`), high half first.
  case address(high: UInt64, low: UInt64, port: UInt16)
  /// Over the unix socket. The process id is that of the process which connected, as the kernel of this machine
  /// numbers it; 0 for one in a foreign process namespace.
  case unix(pid: Int32, uid: UInt32)
  /// The system did not say.
  case unknown

  /// False for a client that may be on another machine.
  package var isOnThisMachine: Bool {
    switch self {
    case .loopback, .unix: true
    case .address, .unknown: false
    }
  }

  /// The description without the port.
  var host: String { String(description[..<(description.lastIndex(of: ":") ?? description.endIndex)]) }

  /// What all connections of one sender share: its address, or the user on this machine.
  package var sender: PeerIdentity {
    switch self {
    case .loopback: .loopback(port: 0)
    case .address(let high, let low, _): .address(high: high, low: low, port: 0)
    case .unix(_, let uid): .unix(pid: 0, uid: uid)
    case .unknown: .unknown
    }
  }

  /// Connected over the unix socket.
  var isUnix: Bool {
    if case .unix = self { true } else { false }
  }

  package var description: String {
    switch self {
    case .loopback(let port): return "loopback port \(port)"
    case .unix(let pid, let uid): return "process \(pid) of user \(uid)"
    case .unknown: return "unknown"
    case .address(let high, let low, let port):
      if high == 0 && low >> 32 == 0xffff {
        let bytes = [24, 16, 8, 0].map { String((low >> UInt64($0)) & 0xff) }
        return bytes.joined(separator: ".") + ":\(port)"
      }
      let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { (half >> UInt64($0)) & 0xffff } }
      return "[" + groups.map { String($0, radix: 16) }.joined(separator: ":") + "]:\(port)"
    }
  }

  /// From an address as `accept` gave it; the descriptor is asked only for a unix socket.
  init(address: UnsafePointer<sockaddr>?, descriptor: Int32) {
    guard let address else {
      self = .unknown
      return
    }
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let v4 = raw.loadUnaligned(as: sockaddr_in.self)
      let bits = UInt32(bigEndian: v4.sin_addr.s_addr)
      self.init(high: 0, low: 0xffff_0000_0000 | UInt64(bits), port: UInt16(bigEndian: v4.sin_port))
    case AF_INET6:
      let v6 = raw.loadUnaligned(as: sockaddr_in6.self)
      let (high, low) = withUnsafeBytes(of: v6.sin6_addr) {
        ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
      self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), port: UInt16(bigEndian: v6.sin6_port))
    case AF_UNIX:
      self = SystemSockets.peer(descriptor).map { .unix(pid: $0.pid, uid: $0.uid) } ?? .unknown
    default:
      self = .unknown
    }
  }

  init(high: UInt64, low: UInt64, port: UInt16) {
    let isLoopback4 = high == 0 && low >> 24 == 0xffff_7f
    let isLoopback6 = high == 0 && low == 1
    self = isLoopback4 || isLoopback6 ? .loopback(port: port) : .address(high: high, low: low, port: port)
  }
}
