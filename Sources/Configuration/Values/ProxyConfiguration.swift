/// Proxies on the way to the intake. Nothing else is read from the environment: a proxy meant for other programs never
/// catches what goes to the local machine.
package struct ProxyConfiguration: Sendable, Equatable {
  /// For `http://` destinations.
  package var http: HTTPURL?
  /// For `https://` destinations.
  package var https: HTTPURL?
  /// Hosts reached directly.
  package var noProxy: [String] = []
}
