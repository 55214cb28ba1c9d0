import JSON

/// What became of the requests of one product other than tracing since the agent started. What was received is what was
/// forwarded, answered, discarded, refused, dropped, or is under way.
package struct ProductRow: Sendable, Equatable, Codable {
  /// `telemetry`, `profiling`, `event_platform` and so on.
  package var product: String
  /// All that came, whatever became of it.
  package var received = RequestCounts()
  /// What its intake took, or DogStatsD.
  package var forwarded = RequestCounts()
  /// What the agent answered itself, as it does for remote configuration.
  package var answered = RequestCounts()
  /// What was taken and thrown away, because there is no API key.
  package var discarded = RequestCounts()
  /// What its intake answered with an error, by status.
  package var refused: [String: RequestCounts] = [:]
  /// What went nowhere, by reason.
  package var dropped: [String: RequestCounts] = [:]
  /// Copies of requests that further intakes took.
  package var copies: UInt64 = 0
  /// Copies of requests that further intakes did not take.
  package var lostCopies: UInt64 = 0
  /// When the last one came, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// A product of which nothing came yet.
  package init(product: String, lastSeenNs: Int64 = 0) {
    self.product = product
    self.lastSeenNs = lastSeenNs
  }

  /// What has come and has no end yet.
  package var underWay: UInt64 {
    let ended = [forwarded, answered, discarded] + Array(refused.values) + Array(dropped.values)
    let sum = ended.reduce(UInt64(0)) { $0 &+ $1.requests }
    return received.requests > sum ? received.requests - sum : 0
  }
}

extension ProductRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["lastSeenNs": "last_seen"]
}

/// Requests and the size of their bodies.
package struct RequestCounts: Sendable, Equatable, Codable {
  /// How many of them there were.
  package var requests: UInt64
  /// Size of their bodies, as they came.
  package var bytes: UInt64

  /// None, to be added to.
  package init(requests: UInt64 = 0, bytes: UInt64 = 0) {
    self.requests = requests
    self.bytes = bytes
  }
}
