import Platform

/// A TCP port that nobody has at the moment.
enum FreePort {
  /// Asks the system; `nil` when it has none.
  static func find() -> UInt16? {
    let descriptor = socket(AF_INET, SystemSockets.stream, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isFound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    return isFound ? UInt16(bigEndian: address.sin_port) : nil
  }
}
