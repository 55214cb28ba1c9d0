import Compression

/// A receiver of OTLP over HTTP as a destination: a collector, Tempo, Jaeger and others.
extension Destination {
  /// - Parameters:
  ///   - url: where traces are posted to, with its path.
  ///   - headers: of each request; who may send, for example.
  ///   - limits: of its lane.
  /// - Throws: `ForwarderError.badURL` or `.badHeader`, neither of which repeats a header's value or a password in the URL.
  package static func otlp(
    url: String, headers: [HTTPHeader], compression: PayloadCompression, version: String, limits: LaneLimits
  ) throws(ForwarderError) -> Destination {
    var destination = try Destination(
      baseURL: url, headers: headers, userAgent: version.isEmpty ? "roost" : "roost/\(version)",
      takes: [.otlpTraces(compression): limits])
    destination.format = .otlp
    destination.retry.rule = .otlp
    return destination
  }
}
