import Addresses
import Platform

/// The socket calls of a probe.
enum ProbeSocket {
  /// Starts to connect. Returns the descriptor (-1 when there is none) and the error number: 0 when connected.
  static func connect(_ place: SocketAddress) -> (descriptor: CInt, error: CInt) {
    guard let address = SystemAddress(place) else { return (-1, place.isUnix ? ENAMETOOLONG : EINVAL) }
    let descriptor = socket(address.family, SystemSockets.stream, 0)
    guard descriptor >= 0 else { return (-1, errno) }
    SystemSockets.prepare(descriptor)
    return (descriptor, address.withPointer({ systemConnect(descriptor, $0, $1) }) == 0 ? 0 : errno)
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
