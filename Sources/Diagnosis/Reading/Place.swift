import Addresses

/// One place where an agent is or should be, to be compared with others: a host and a port, or a unix socket's path.
package struct Place: Sendable, Hashable {
  /// A name in lower case.
  package let address: SocketAddress
  /// The URL began with `https://`; false for what was no URL.
  package var isTLS = false
  /// A port that no socket can have, as it was given: unequal to every real one, and not 0 for any.
  private var impossiblePort: Int?

  /// A TCP address; port 0 stands for any.
  package init(host: String, port: Int) {
    let possible = UInt16(exactly: port)
    address = .tcp(host: host, port: possible ?? 0)
    impossiblePort = possible == nil ? port : nil
  }

  /// The place of the unix socket at `path`, which is taken as it is written.
  package init(unix path: String) { address = .unix(path: path) }

  /// A name or number in lower case, without brackets; empty for a unix socket.
  package var host: String {
    if case .tcp(let host, _) = address { host } else { "" }
  }

  /// 0 for a unix socket.
  package var port: Int {
    if case .tcp(_, let port) = address { impossiblePort ?? Int(port) } else { 0 }
  }

  /// Of a unix socket; empty for TCP.
  package var path: String {
    if case .unix(let path) = address { path } else { "" }
  }

  /// What `AgentAddress` found in a setting; `nil` for what cannot be used.
  package init?(_ address: AgentAddress) {
    switch address {
    case .socket(.tcp(let host, let port)): self.address = .tcp(host: host.lowercased(), port: port)
    case .socket(let unix): self.address = unix
    case .unusable: return nil
    }
  }

  /// Reads a URL as tracers do, and what probes and listeners write: `host:port`, `[::1]:port`, a bare path.
  ///
  /// `nil` for what names no agent: a port that is no number, an IPv6 address without brackets.
  package init?(_ text: String) {
    let address: AgentAddress =
      text.hasPrefix("/")
      ? .socket(.unix(path: text))
      : text.contains("://") || text.hasPrefix("unix:")
        ? .of(url: text) : .of(place: Substring(text), portDefault: UInt16(EffectiveTarget.defaultPort))
    self.init(address)
    isTLS = text.lowercased().hasPrefix("https://")
  }

  /// A host and a port, which only TCP has.
  package var isTCP: Bool { !address.isUnix }

  /// The machine that the process itself is on.
  ///
  /// A client that connects to 0.0.0.0 or :: gets there too.
  package var isLoopback: Bool {
    isTCP
      && (host == "localhost" || host.hasSuffix(".localhost") || AddressKind.isLoopback(host)
        || AddressKind.isUnspecified(host))
  }

  /// `host:port`, `[::1]:8126`, or the path.
  package var text: String {
    guard let impossiblePort else { return address.description }
    return (AddressKind.isIPv6(host) ? "[\(host)]" : host) + ":\(impossiblePort)"
  }

  /// As `DD_TRACE_AGENT_URL` takes it, without TLS.
  package var url: String { isTCP ? "http://" + text : address.url }
}
