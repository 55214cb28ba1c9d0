/// Proxies on the way to the intake. Nothing else is read from the environment: a proxy meant for other programs never
/// catches what goes to the local machine.
package struct ProxyConfiguration: Sendable, Equatable {
  /// The proxy for destinations whose URL begins with `http://`.
  package var http: HTTPURL?
  /// The proxy for destinations whose URL begins with `https://`.
  package var https: HTTPURL?
  /// Hosts and domains that are reached without a proxy.
  package var noProxy: [String] = []
}
