import Addresses

extension SocketAddress {
  /// Where traces are sent, of the listeners that an agent names: IPv4 before IPv6, TCP before the socket, because every
  /// tracer can reach that. Listeners on all addresses are reached through loopback. `nil` when nothing is listened on.
  package static func target(listeners: [String]) -> SocketAddress? {
    listeners.compactMap { SocketAddress($0)?.reachable }.min { $0.rank < $1.rank }
  }

  private var rank: Int {
    switch self {
    case .tcp(let host, _): AddressKind.isIPv6(host) ? 1 : 0
    case .unix: 2
    }
  }

  /// Whether a host that somebody wrote is this address's: the same, or both mean this machine.
  func isHost(_ text: some StringProtocol) -> Bool {
    guard case .tcp(let host, _) = self else { return false }
    let plain = text.lowercased().drop { $0 == "[" }.prefix { $0 != "]" }
    return plain == host.lowercased() || (Self.isLoopback(plain) && Self.isLoopback(host[...]))
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
  }

  /// Whether a URL that somebody wrote leads to this address.
  func isURL(_ text: String) -> Bool {
    switch self {
    case .unix(let path): return text == "unix://\(path)"
    case .tcp(_, let port):
      guard let rest = text.withoutPrefix("http://") else { return false }
      let place = rest.prefix { $0 != "/" }.split(separator: "@").last ?? ""
      guard let colon = place.lastIndex(of: ":"), colon > (place.lastIndex(of: "]") ?? place.startIndex) else {
        return false
      }
      return UInt16(place[place.index(after: colon)...]) == port && isHost(place[..<colon])
    }
  }
}

extension String {
  fileprivate func withoutPrefix(_ prefix: String) -> Substring? {
    lowercased().hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
