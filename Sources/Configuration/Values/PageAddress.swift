import Addresses

/// Where the page for a browser listens.
package struct PageAddress: Sendable, Equatable, CustomStringConvertible {
  /// An address or a name, without brackets.
  package var host: String
  /// 0 takes any free one.
  package var port: UInt16

  /// A place to listen at.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Where it listens unless another place is named: on this machine only, beside the receiver's port.
  package static let standard = PageAddress(host: "127.0.0.1", port: 8127)

  /// As it is written in a configuration: `127.0.0.1:8127`.
  package var description: String { "\(SocketAddress.tcp(host: host, port: port))" }

  /// Reads `true`, `false`, a port, or a host and a port; `nil` for `false`.
  static func read(_ text: String) throws(BadValue) -> PageAddress? {
    if let port = UInt16(text), port > 1 { return PageAddress(host: standard.host, port: port) }
    if let isOn = ScalarText.boolean(text, isPlainYAML: true) { return isOn ? standard : nil }
    guard case .tcp(let host, let port)? = SocketAddress(text) else {
      throw BadValue("\(QuotedText.quoted(text)) is not true, false, a port or HOST:PORT")
    }
    return PageAddress(host: host, port: port)
  }
}
