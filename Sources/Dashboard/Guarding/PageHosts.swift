import Addresses

/// By which names the page may be asked for.
///
/// A site that a browser visits can let its own name point to 127.0.0.1 (DNS rebinding) and would then count as the same
/// origin as the page. Such a request still carries that site's name in `Host`, so only names that are known to be ours
/// are answered.
package struct PageHosts: Sendable {
  private let names: Set<String>
  private let port: UInt16
  /// Listening on all addresses, the page is reached by any of them, and through forwarded ports. A rebound name is
  /// never a number.
  private let takesNumbers: Bool

  /// - Parameters:
  ///   - listening: where the page listens.
  ///   - host: the name or address that was configured.
  package init(listening: SocketAddress, host: String) {
    guard case .tcp(let address, let port) = listening else {
      (names, self.port, takesNumbers) = ([], 0, false)
      return
    }
    names = Set(["localhost", "127.0.0.1", "[::1]", Self.written(host.lowercased()), Self.written(address)])
    self.port = port
    takesNumbers = AddressKind.isUnspecified(address)
  }

  /// Whether a `Host` header names the page.
  package func contains(_ header: String) -> Bool {
    let (name, port) = Self.split(header.lowercased())
    if names.contains(name) { return takesNumbers || (port ?? Self.usualPort) == self.port }
    return takesNumbers && Self.isNumber(name)
  }

  /// What a `Host` without a port means.
  private static let usualPort: UInt16 = 80

  private static func split(_ header: String) -> (name: String, port: UInt16?) {
    guard let colon = header.lastIndex(of: ":") else { return (header, nil) }
    let digits = header[header.index(after: colon)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else { return (header, nil) }
    return (String(header[..<colon]), port)
  }

  private static func written(_ host: String) -> String { AddressKind.isIPv6(host) ? "[\(host)]" : host }

  private static func isNumber(_ name: String) -> Bool {
    if name.hasPrefix("["), name.hasSuffix("]") { return AddressKind.isIPv6(String(name.dropFirst().dropLast())) }
    return !AddressKind.isIPv6(name) && AddressKind.isLiteral(name)
  }
}
