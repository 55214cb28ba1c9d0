/// One place where something listens or that is connected to: a host and a port, or the path of a unix socket.
package enum SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// A numeric address or a name, without brackets. Port 0 stands for any port.
  case tcp(host: String, port: UInt16)
  /// An absolute path, or one that is as unusable as somebody wrote it.
  case unix(path: String)

  /// Reads what `description` writes: `127.0.0.1:8126`, `localhost:8126`, `[::1]:8126`, `/run/apm.socket`. `nil` for
  /// what names no port.
  package init?(_ text: some StringProtocol) {
    if text.hasPrefix("/") {
      self = .unix(path: String(text))
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      self = .tcp(host: String(host.dropFirst().dropLast()), port: port)
    } else if !host.isEmpty, !host.contains(where: { $0 == "[" || $0 == "]" || $0 == ":" }) {
      self = .tcp(host: String(host), port: port)
    } else {
      return nil
    }
  }

  /// How messages and listings show it: `127.0.0.1:8126`, `[::1]:8126`, `/run/apm.socket`.
  package var description: String {
    switch self {
    case .tcp(let host, let port): AddressKind.isIPv6(host) ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }

  /// As tracers are told it: `http://127.0.0.1:8126`, `unix:///run/apm.socket`.
  package var url: String {
    switch self {
    case .tcp: "http://\(self)"
    case .unix(let path): "unix://\(path)"
    }
  }

  /// Whether it is a path, and not a host and a port.
  package var isUnix: Bool {
    if case .unix = self { true } else { false }
  }

  /// Where a listener at this address is reached from the same machine: one on all addresses through loopback.
  package var reachable: SocketAddress {
    guard case .tcp(let host, let port) = self else { return self }
    switch host {
    case "0.0.0.0": return .tcp(host: "127.0.0.1", port: port)
    case "::", "0:0:0:0:0:0:0:0": return .tcp(host: "::1", port: port)
    default: return self
    }
  }
}
