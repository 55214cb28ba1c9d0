/// Where a tracer sends, taken apart: a host and a port, or the path of a unix socket.
package struct Place: Sendable, Hashable {
  /// In lower case and without brackets; empty for a unix socket.
  package var host = ""
  /// 8126 when the URL names none; 0 for a unix socket.
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

  /// Reads `http://host:port`, `https://…`, `unix:///path`, `host:port`, `[::1]:port` or a bare path.
  ///
  /// `nil` for what names no agent: a port that is no number, an IPv6 address without brackets behind a scheme.
  package init?(_ text: String) {
    for scheme in ["unix://", "unix:"] where text.hasPrefix(scheme) {
      path = String(text.dropFirst(scheme.count))
      return
    }
    if text.hasPrefix("/") {
      path = text
      return
    }
    var rest = Substring(text)
    for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      isTLS = scheme == "https://"
    }
    guard let pair = Self.hostAndPort(rest.prefix { $0 != "/" }) else { return nil }
    (host, port) = pair
  }

  private static func hostAndPort(_ text: Substring) -> (String, Int)? {
    var host = text
    var portText = Substring("8126")
    if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      if !rest.isEmpty {
        guard rest.hasPrefix(":") else { return nil }
        portText = rest.dropFirst()
      }
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      portText = text[text.index(after: colon)...]
      if host.contains(":") { return nil }
    }
    guard let port = Int(portText), (1...65_535).contains(port), !host.isEmpty else { return nil }
    return (host.lowercased(), port)
  }

  /// Not a unix socket.
  package var isTCP: Bool { path.isEmpty }

  /// The machine that the process itself is on.
  package var isLoopback: Bool { isTCP && (host == "localhost" || NumericAddress.isLoopback(host)) }

  /// `host:port`, `[::1]:8126`, or the path.
  package var text: String {
    guard isTCP else { return path }
    return (NumericAddress.isIPv6(host) ? "[\(host)]" : host) + ":\(port)"
  }

  /// As `DD_TRACE_AGENT_URL` takes it, without TLS.
  package var url: String { isTCP ? "http://" + text : "unix://" + path }
}
