/// Where the traces of a command are to go: one place on which an agent listens.
package enum AgentTarget: Sendable, Equatable, CustomStringConvertible {
  /// A numeric address or a name, without brackets.
  case tcp(host: String, port: UInt16)
  case unix(path: String)

  /// From the listeners that an agent names (`127.0.0.1:8126`, `[::1]:8126`, `/run/apm.socket`): IPv4 before IPv6, TCP
  /// before the socket, because every tracer can reach that. Listeners on all addresses are reached through loopback.
  /// `nil` when nothing is listened on.
  package init?(listeners: [String]) {
    let targets = listeners.compactMap(Self.init(listener:))
    let best = targets.min { $0.rank < $1.rank }
    guard let best else { return nil }
    self = best
  }

  private init?(listener: String) {
    if listener.hasPrefix("/") {
      self = .unix(path: listener)
      return
    }
    guard let colon = listener.lastIndex(of: ":"), let port = UInt16(listener[listener.index(after: colon)...]) else {
      return nil
    }
    let host = listener[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
    switch host {
    case "0.0.0.0": self = .tcp(host: "127.0.0.1", port: port)
    case "::", "0:0:0:0:0:0:0:0": self = .tcp(host: "::1", port: port)
    default: self = .tcp(host: String(host), port: port)
    }
  }

  private var rank: Int {
    switch self {
    case .tcp(let host, _): host.contains(":") ? 1 : 0
    case .unix: 2
    }
  }

  /// As tracers are told it: `http://127.0.0.1:8126`, `unix:///run/apm.socket`.
  package var url: String {
    switch self {
    case .tcp: "http://\(self)"
    case .unix(let path): "unix://\(path)"
    }
  }

  /// `127.0.0.1:8126`, `[::1]:8126`, `/run/apm.socket`.
  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }

  /// Whether a host that somebody wrote is this target's: the same, or both mean this machine.
  func isHost(_ text: some StringProtocol) -> Bool {
    guard case .tcp(let host, _) = self else { return false }
    let plain = text.lowercased().drop { $0 == "[" }.prefix { $0 != "]" }
    return plain == host.lowercased() || (Self.isLoopback(plain) && Self.isLoopback(host[...]))
  }

  private static func isLoopback(_ host: Substring) -> Bool {
    host == "localhost" || host == "::1" || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
  }

  /// Whether a URL that somebody wrote leads to this target.
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
