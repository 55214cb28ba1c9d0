import Platform

/// Clients that the log has told of, so that each is told of once however often it tries. Shared by all receiving
/// threads; asked only when something is wrong.
final class NotedClients: Sendable {
  /// Names kept; further ones are not told of.
  static let clientsMax = 20

  private let names = Lock<Set<String>>([])

  /// True for a name that was not asked for before.
  func isNew(_ name: String) -> Bool {
    names.withLock { $0.count < Self.clientsMax && $0.insert(name).inserted }
  }
}

/// What the log says of a client that sends OTLP over gRPC.
enum OTLPAdvice {
  /// - Parameter what: who sends what.
  static func text(_ what: String) -> String {
    "\(what); roost takes OTLP over HTTP only, and what this brings is lost. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf "
      + "for the app, and OTEL_EXPORTER_OTLP_ENDPOINT to this port or 4318; see roost explain RST019"
  }
}
