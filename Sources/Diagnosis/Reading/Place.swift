/// One place where an agent is or should be, to be compared with others: a host and a port, or a unix socket's path.
package struct Place: Sendable, Hashable {
  /// A name or number in lower case, without brackets; empty for a unix socket.
  package var host = ""
  /// 0 for a unix socket.
  package var port = 0
  /// Of a unix socket; empty for TCP.
  package var path = ""
  /// `https://` was written.
  package var isTLS = false

  /// A TCP address.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// What `AgentAddress` found in a setting; `nil` for what cannot be used.
  package init?(_ address: AgentAddress) {
    switch address {
    case .tcp(let host, let port):
      self.host = host.lowercased()
      self.port = port
    case .unix(let path): self.path = path
    case .unusable: return nil
    }
  }

  /// Reads a URL as tracers do, and what probes and listeners write: `host:port`, `[::1]:port`, a bare path.
  ///
  /// `nil` for what names no agent: a port that is no number, an IPv6 address without brackets.
  package init?(_ text: String) {
    let address: AgentAddress =
      text.hasPrefix("/")
      ? .unix(path: text)
      : text.contains("://") || text.hasPrefix("unix:")
        ? .of(url: text) : .of(place: Substring(text), portDefault: EffectiveTarget.defaultPort)
    self.init(address)
    isTLS = text.lowercased().hasPrefix("https://")
  }

  /// Not a unix socket.
  package var isTCP: Bool { path.isEmpty }

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
    guard isTCP else { return path }
    return (AddressKind.isIPv6(host) ? "[\(host)]" : host) + ":\(port)"
  }

  /// As `DD_TRACE_AGENT_URL` takes it, without TLS.
  package var url: String { isTCP ? "http://" + text : "unix://" + path }
}
