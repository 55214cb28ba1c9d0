import Platform

/// Addresses of this machine's own network interfaces.
struct HostAddresses: Sendable {
  /// Numeric, without loopback and link-local ones, in the order of the interfaces.
  var all: [String] = []
  /// Of interfaces that containers are connected to, by the interface's name; IPv4 where there is one.
  var bridges: [String: String] = [:]

  private static let bridgeNames = [
    "docker", "br-", "cni", "cbr", "podman", "lxcbr", "lxdbr", "incusbr", "virbr", "nerdctl",
  ]

  static func read() -> HostAddresses {
    var addresses = HostAddresses()
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return addresses }
    defer { freeifaddrs(list) }
    var next = list
    while let entry = next {
      next = entry.pointee.ifa_next
      guard let address = entry.pointee.ifa_addr, let name = entry.pointee.ifa_name else { continue }
      let family = CInt(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6 else { continue }
      let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
      guard let text = SystemCalls.numericHost(address, socklen_t(size)) else { continue }
      addresses.add(text, of: String(cString: name))
    }
    return addresses
  }

  mutating func add(_ address: String, of interface: String) {
    if address.hasPrefix("127.") || address == "::1" || address.hasPrefix("fe80:") { return }
    all.append(address)
    guard Self.bridgeNames.contains(where: { interface.hasPrefix($0) }) else { return }
    if bridges[interface] == nil || !address.contains(":") { bridges[interface] = address }
  }
}
