import JSON

/// What was counted of one resource on one side of a comparison.
package struct DiffMeasures: Sendable, Equatable, Codable {
  /// Spans counted there; 0 where the resource was not seen.
  package var hits: UInt64
  /// Those of the hits that carry an error.
  package var errors: UInt64
  /// Hits a second over the time that the side covers.
  package var ratePerSecond: Double
  /// Over the durations of these hits.
  @Flattened package var latency: LatencyQuantiles

  /// What one side holds of a resource.
  package init(hits: UInt64, errors: UInt64, ratePerSecond: Double, latency: LatencyQuantiles) {
    self.hits = hits
    self.errors = errors
    self.ratePerSecond = ratePerSecond
    self.latency = latency
  }
}

extension DiffMeasures: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["ratePerSecond": "rate_per_s"]
}

/// Which way a measure went from A to B.
package enum DiffChange: String, Sendable, Codable { case up, down }

/// The changes of one resource that are more than chance; `nil` stands for what may be noise.
package struct DiffChanges: Sendable, Equatable, Codable {
  /// Of the hits, by time or by their share of the service's (`DiffAnswer.hitsBy`).
  package var hits: DiffChange?
  /// Of the errors' part of the hits.
  package var errorShare: DiffChange?
  /// Of the duration that half of the hits do not exceed.
  package var p50: DiffChange?
  /// Of the duration that 95 % of the hits do not exceed.
  package var p95: DiffChange?
  /// Of the duration that 99 % of the hits do not exceed.
  package var p99: DiffChange?

  /// Nothing but noise, to be filled in.
  package init() {}
}

/// One resource of a service on both sides of a comparison.
package struct DiffRow: Sendable, Equatable, Codable {
  /// Whose it is, as spans name it.
  package var service: String
  /// As shown by the client, after normalizing.
  package var resource: String
  /// The span name: `flask.request`, `redis.command`, …
  package var operation: String
  /// The span type: `web`, `sql`, …; may be empty.
  package var type: String
  /// `server`, `client`, …; empty when the client sent none.
  package var spanKind: String
  /// Empty or `none` when the client sent no environment and none is configured.
  package var env: String
  /// What the first side holds of it.
  package var a: DiffMeasures
  /// What the second side holds of it.
  package var b: DiffMeasures
  /// What is more than chance.
  package var changes: DiffChanges

  /// A resource with what both sides hold of it.
  package init(
    service: String, resource: String, operation: String, type: String, spanKind: String, env: String, a: DiffMeasures,
    b: DiffMeasures, changes: DiffChanges
  ) {
    self.service = service
    self.resource = resource
    self.operation = operation
    self.type = type
    self.spanKind = spanKind
    self.env = env
    self.a = a
    self.b = b
    self.changes = changes
  }
}

/// One side of a comparison as a whole.
package struct DiffSide: Sendable, Equatable, Codable {
  /// As it was typed: `2h..1h`, `version:1.0`, a file.
  package var name: String
  /// The time that was counted; for a version, from its first to its last hit.
  package var covered: CoveredTime
  /// Hits of all resources that are compared.
  package var hits: UInt64
  /// Versions that have hits, sorted; empty where no version was asked for.
  package var versions: [String]

  /// A side with what it covers.
  package init(name: String, covered: CoveredTime, hits: UInt64, versions: [String]) {
    self.name = name
    self.covered = covered
    self.hits = hits
    self.versions = versions
  }
}

/// Two ranges of time, versions or files compared, resource by resource.
package struct DiffAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.diff.v1"
  package static let internalMembers: Set = ["now_ns"]
  package static let memberNames = ["rows": "resources"]

  /// What hits are compared by.
  package enum HitsBasis: String, Sendable, Codable {
    /// Hits a second of the time that each side covers.
    case rate
    /// Their part of all hits of the same service and environment.
    case share
  }

  /// The first side, usually what was before.
  package var a: DiffSide
  /// The second side, usually what is now.
  package var b: DiffSide
  /// The chance, 0…1, that any change at all is marked where nothing has changed.
  package var level: Double
  /// What a change of the hits is a change of.
  package var hitsBy: HitsBasis?
  /// What got worse comes first: what fails more, then what is slower, then what is new, gone or better, and the rest by
  /// hits.
  package var rows: [DiffRow]
  /// Resources that have no row because there are too many; `nil` when all have one.
  package var rowsLeftOut: UInt64?
  /// The clock when it was answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64

  /// A comparison with all its rows.
  package init(
    a: DiffSide, b: DiffSide, level: Double, hitsBy: HitsBasis, rows: [DiffRow], rowsLeftOut: UInt64 = 0, nowNs: Int64
  ) {
    self.a = a
    self.b = b
    self.level = level
    self.hitsBy = hitsBy
    self.rows = rows
    self.rowsLeftOut = rowsLeftOut == 0 ? nil : rowsLeftOut
    self.nowNs = nowNs
  }
}
