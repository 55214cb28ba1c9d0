/// How and where payloads are forwarded.
package struct ForwarderConfiguration: Sendable {
  /// Every payload goes to every one of these.
  package var endpoints: [Endpoint]
  /// Requests in flight at once to one endpoint, for each kind of payload.
  package var connectionsMax: [OutgoingPayload.Kind: Int] = [.traces: 5, .stats: 5]
  /// Bytes of the bodies of each kind that wait or are being sent. When they exceed this, the oldest waiting payload of
  /// that kind is given up.
  package var queueBytesMax: [OutgoingPayload.Kind: Int] = [.traces: 24 << 20, .stats: 8 << 20]
  package var retry = RetryPolicy()
  /// From the start of a request to the end of its answer.
  package var requestTimeout = Duration.seconds(10)
  package var connectTimeout = Duration.seconds(5)
  /// Connections older than this are not used again, so that a changed address is noticed; zero is never.
  package var connectionAgeMax = Duration.zero
  /// Accept any certificate. For tests and for proxies that look inside; never by default.
  package var skipsCertificateCheck = false
  package var proxy = ProxySettings()
  /// The Datadog trace-agent calls itself `Datadog Trace Agent/VERSION/COMMIT`, and some intakes look at that. Without
  /// the last part when the commit is not known.
  package var userAgent: String

  package init(endpoints: [Endpoint], version: String, commit: String, agentName: String = "Datadog Trace Agent") {
    self.endpoints = endpoints
    userAgent = [agentName, version, commit].filter { !$0.isEmpty }.joined(separator: "/")
  }
}

/// The HTTP proxies between the agent and the intakes. The process's own `HTTP_PROXY` variables are not looked at here:
/// what is to count of them is a matter of configuration.
package struct ProxySettings: Sendable {
  /// Proxy for `https://` intakes, as a URL; it may hold a user and a password.
  package var https: String?
  /// Proxy for `http://` intakes.
  package var http: String?
  /// Hosts and domains that are reached without a proxy, besides the loopback addresses.
  package var noProxy: [String] = []

  package init() {}

  func url(for endpoint: Endpoint) -> String { (endpoint.usesTLS ? https : http) ?? "" }

  /// Loopback never goes through a proxy: nothing out there could reach it.
  var noProxyList: String { (["localhost", "127.0.0.1", "::1"] + noProxy).joined(separator: ",") }
}

extension ProxySettings: CustomStringConvertible, CustomReflectable {
  /// Whether there are proxies, not where: their URLs may hold passwords.
  package var description: String { "proxy(https: \(https != nil), http: \(http != nil))" }
  package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
