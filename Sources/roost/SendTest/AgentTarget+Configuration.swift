import Configuration
import Launching

extension AgentTarget {
  /// Where the configured agent takes traces, in the order in which they are tried: TCP, then the unix socket.
  static func all(_ configuration: AgentConfiguration) -> [AgentTarget] {
    var addresses: [AgentTarget] = []
    if let port = UInt16(exactly: configuration.receiverPort), port > 0 {
      addresses += configuration.receiverHosts.map { .tcp(host: reachable($0), port: port) }
    }
    if !configuration.receiverSocket.isEmpty { addresses.append(.unix(path: configuration.receiverSocket)) }
    return addresses
  }

  /// An address to listen on everywhere is reached through loopback.
  private static func reachable(_ host: String) -> String {
    switch host {
    case "0.0.0.0", "", "localhost": "127.0.0.1"
    case "::": "::1"
    default: host
    }
  }
}
