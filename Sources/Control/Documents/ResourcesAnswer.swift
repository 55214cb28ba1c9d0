import JSON

/// One resource (an endpoint, a query, a job) of a service, over the window asked for.
package struct ResourceRow: Sendable, Equatable, Codable {
  /// Whose it is, as spans name it.
  package var service: String
  /// What stands for the resource in the row for all that have none of their own.
  package static let collapsedName = "resources without a row of their own"

  /// As shown by the client, after normalizing; `collapsedName` in the row for all that have none of their own.
  package var resource: String
  /// The span name: `flask.request`, `redis.command`, …
  package var operation: String
  /// The span type: `web`, `sql`, …; may be empty.
  package var type: String
  /// `server`, `client`, …; empty when the client sent none.
  package var spanKind: String
  /// Empty or `none` when the client sent no environment and none is configured.
  package var env: String
  /// Spans counted, weighted by what clients sampled away.
  package var hits: UInt64
  /// Those of the hits that carry an error.
  package var errors: UInt64
  /// Hits a second over the time that the table covers.
  package var ratePerSecond: Double
  /// Over the durations of these hits.
  @Flattened package var latency: LatencyQuantiles
  /// This row's part of the summed duration of all that was asked for, 0…1.
  package var timeShare: Double
  /// End of the newest span counted here, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64
  /// True in the row that stands for all resources of the service that have none of their own; `nil` in the others.
  package var isCollapsed: Bool?

  /// What the window holds of one resource.
  package init(
    service: String, resource: String, operation: String, type: String, spanKind: String, env: String, hits: UInt64,
    errors: UInt64, ratePerSecond: Double, latency: LatencyQuantiles, timeShare: Double, lastSeenNs: Int64,
    isCollapsed: Bool = false
  ) {
    self.service = service
    self.resource = resource
    self.operation = operation
    self.type = type
    self.spanKind = spanKind
    self.env = env
    self.hits = hits
    self.errors = errors
    self.ratePerSecond = ratePerSecond
    self.latency = latency
    self.timeShare = timeShare
    self.lastSeenNs = lastSeenNs
    self.isCollapsed = isCollapsed ? true : nil
  }
}

/// The table of resources, of one service or of all, in the order in which it is shown.
package struct ResourcesAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.resources.v1"
  package static let internalMembers: Set = ["now_ns"]
  package static let memberNames = ["rows": "resources"]

  /// The service that was asked for; `nil` for all of them.
  package var service: String?
  /// In descending order of `timeShare`, then by resource and operation; what stands for other resources comes last.
  package var rows: [ResourceRow]
  /// Hits that have no row because the limit of different keys was reached; `nil` when all have one.
  package var hitsWithoutRow: UInt64?
  /// The time that the table covers; `nil` from an agent that does not say.
  package var covered: CoveredTime?
  /// The agent's clock when it answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64

  /// The rows in their order; `hitsWithoutRow` counts what has none.
  package init(
    service: String?, nowNs: Int64, covered: CoveredTime? = nil, rows: [ResourceRow], hitsWithoutRow: UInt64 = 0
  ) {
    self.service = service
    self.nowNs = nowNs
    self.covered = covered
    self.rows = rows
    self.hitsWithoutRow = hitsWithoutRow == 0 ? nil : hitsWithoutRow
  }
}

extension ResourceRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = [
    "ratePerSecond": "rate_per_s", "lastSeenNs": "last_seen", "isCollapsed": "collapsed",
  ]
}
