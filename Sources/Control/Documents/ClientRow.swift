import JSON

/// What one kind of client sent since the agent started, as its request headers name it.
package struct ClientRow: Sendable, Equatable, Codable {
  /// `Datadog-Meta-Lang`; empty when the client did not say, as with the fields below.
  package var language: String
  /// The client's `Datadog-Meta-Lang-Version` header, empty when it sent none.
  package var languageVersion: String
  /// The client's `Datadog-Meta-Lang-Interpreter` header, empty when it sent none.
  package var interpreter: String
  /// The client's `Datadog-Meta-Tracer-Version` header, empty when it sent none.
  package var tracerVersion: String
  /// The path it sends to, such as `/v0.4/traces`.
  package var endpoint: String
  /// Before sampling; bytes are those of request bodies.
  @Flattened package var received: TrafficCounts
  /// Arrival of its newest request, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// What one client sent to one endpoint.
  package init(
    language: String, languageVersion: String, interpreter: String, tracerVersion: String, endpoint: String,
    received: TrafficCounts, lastSeenNs: Int64
  ) {
    self.language = language
    self.languageVersion = languageVersion
    self.interpreter = interpreter
    self.tracerVersion = tracerVersion
    self.endpoint = endpoint
    self.received = received
    self.lastSeenNs = lastSeenNs
  }
}

extension ClientRow {
  /// Language and tracer version, as in `ClientLossRow.client`; empty when it said neither.
  package var name: String { [language, tracerVersion].filter { !$0.isEmpty }.joined(separator: " ") }
}

extension ClientRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["language": "lang", "languageVersion": "lang_version", "lastSeenNs": "last_seen"]
}
