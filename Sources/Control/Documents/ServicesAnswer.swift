import JSON

/// One service in one environment, over the service-entry (top-level) spans of the window asked for.
package struct ServiceRow: Sendable, Equatable, Codable {
  /// As spans name it, after normalizing.
  package var service: String
  /// Empty or `none` when the client sent no environment and none is configured.
  package var env: String
  /// The span type that most hits had: `web`, `sql`, …; may be empty.
  package var type: String
  /// Service-entry spans counted, weighted by what clients sampled away.
  package var hits: UInt64
  /// Those of the hits that carry an error.
  package var errors: UInt64
  /// Hits a second over the time that the table covers.
  package var ratePerSecond: Double
  /// Over the durations of these hits.
  @Flattened package var latency: LatencyQuantiles
  /// End of the newest span counted here, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// What the window holds of one service in one environment.
  package init(
    service: String, env: String, type: String, hits: UInt64, errors: UInt64, ratePerSecond: Double,
    latency: LatencyQuantiles, lastSeenNs: Int64
  ) {
    self.service = service
    self.env = env
    self.type = type
    self.hits = hits
    self.errors = errors
    self.ratePerSecond = ratePerSecond
    self.latency = latency
    self.lastSeenNs = lastSeenNs
  }
}

/// The table of services, in the order in which it is shown.
package struct ServicesAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.services.v1"
  package static let internalMembers: Set = ["now_ns"]
  package static let memberNames = ["rows": "services"]

  /// One for each service and environment.
  package var rows: [ServiceRow]
  /// Services whose traces were dropped in that time because they make no sense; `nil` when none were.
  package var dropped: [DroppedServiceRow]?
  /// Hits that have no row because the limit of different keys was reached; `nil` when all have one.
  package var hitsWithoutRow: UInt64?
  /// The time that the table covers; `nil` from an agent that does not say.
  package var covered: CoveredTime?
  /// The agent's clock when it answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64

  /// The rows in their order; `hitsWithoutRow` counts what has none.
  package init(
    nowNs: Int64, covered: CoveredTime? = nil, rows: [ServiceRow], hitsWithoutRow: UInt64 = 0
  ) {
    self.nowNs = nowNs
    self.covered = covered
    self.rows = rows
    self.hitsWithoutRow = hitsWithoutRow == 0 ? nil : hitsWithoutRow
  }
}

extension ServiceRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["ratePerSecond": "rate_per_s", "lastSeenNs": "last_seen"]
}
