import Addresses
import Configuration

extension SocketAddress {
  /// Where the configured agent takes traces, in the order in which they are tried: TCP, then the unix socket.
  static func all(_ configuration: AgentConfiguration) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    if let port = UInt16(exactly: configuration.receiverPort), port > 0 {
      addresses += configuration.receiverHosts.map { reachable($0, port) }
    }
    if !configuration.receiverSocket.isEmpty { addresses.append(.unix(path: configuration.receiverSocket)) }
    return addresses
  }

  /// An address to listen on everywhere is reached through loopback.
  private static func reachable(_ host: String, _ port: UInt16) -> SocketAddress {
    SocketAddress.tcp(host: host.isEmpty || host == "localhost" ? "127.0.0.1" : host, port: port).reachable
  }
}
