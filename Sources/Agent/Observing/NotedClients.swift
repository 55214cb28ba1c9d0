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

/// What the log says of a client that sends OTLP over gRPC where libnghttp2 is missing.
enum OTLPAdvice {
  /// - Parameter what: who sends what.
  static func text(_ what: String) -> String {
    "\(what); without libnghttp2 roost takes OTLP over HTTP only, and what this brings is lost. Install libnghttp2 and "
      + "start roost again, or set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf for the app; see roost explain RST019"
  }
}
