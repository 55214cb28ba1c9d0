/// How requests travel to a destination: times, TLS and proxies.
package struct TransportSettings: Sendable {
  /// From the start of a request to the end of its answer.
  package var requestTimeout = Duration.seconds(10)
  /// For the name, the connection and the TLS handshake together.
  package var connectTimeout = Duration.seconds(5)
  /// A request that moves no byte for so long is reported, and waited for all the same. An intake in health answers in
  /// less; and a payload waits up to 6 s before it is sent, so that a silent intake shows within 10 s.
  package var silenceMax = Duration.seconds(4)
  /// Connections older than this are not used again, so that a changed address is noticed; zero is never.
  package var connectionAgeMax = Duration.zero
  /// Accept any certificate. For tests and for proxies that look inside; never by default.
  package var skipsCertificateCheck = false
  /// PEM file of authorities that takes the place of the system's; the folder of them holds all the same.
  package var certificatesFile: String?
  /// Folders of authorities, with colons between, in place of the system's; in files that are named by hashes, as `c_rehash`
  /// names them.
  package var certificatesFolders: String?
  /// Older versions are not spoken.
  package var minTLS = TLSVersion.tls12
  package var proxy = ProxySettings()

  package init() {}

  /// A version of TLS, by its number.
  package enum TLSVersion: Sendable { case tls10, tls11, tls12, tls13 }
}

/// The HTTP proxies between the agent and a destination. The process's own `HTTP_PROXY` variables are not looked at here:
/// what is to count of them is a matter of configuration.
package struct ProxySettings: Sendable {
  /// Proxy for `https://` destinations, as a URL; it may hold a user and a password.
  package var https: String?
  /// Proxy for `http://` destinations, as a URL.
  package var http: String?
  /// Hosts and domains that are reached without a proxy, besides the loopback addresses.
  package var noProxy: [String] = []

  package init() {}

  /// The proxy's URL; empty for none.
  func url(usesTLS: Bool) -> String { (usesTLS ? https : http) ?? "" }

  /// Loopback never goes through a proxy: nothing out there could reach it.
  var noProxyList: String { (["localhost", "127.0.0.1", "::1"] + noProxy).joined(separator: ",") }
}

extension ProxySettings: CustomStringConvertible, CustomReflectable {
  /// Whether there are proxies, not where: their URLs may hold passwords.
  package var description: String { "proxy(https: \(https != nil), http: \(http != nil))" }
  package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
