/// One service in one environment, over the entry spans of the window asked for.
package struct ServiceRow: Sendable, Equatable {
  /// As spans name it, after normalizing.
  package var service: String
  /// Empty or `none` when the client sent no environment and none is configured.
  package var env: String
  /// The span type that most hits had: `web`, `sql`, …; may be empty.
  package var type: String
  /// Entry spans counted, weighted by what clients sampled away.
  package var hits: UInt64
  /// Those of the hits that carry an error.
  package var errors: UInt64
  /// Hits a second over the part of the window in which the agent ran.
  package var ratePerSecond: Double
  /// Over the durations of these hits.
  package var latency: LatencyQuantiles
  /// End of the newest span counted here, nanoseconds since 1970.
  package var lastSeenNs: Int64

  /// A row with all its fields.
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
package struct ServicesAnswer: Sendable, Equatable {
  /// The agent's clock when it answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64
  /// One for each service and environment.
  package var rows: [ServiceRow]
  /// Hits that have no row because the limit of different keys was reached.
  package var hitsWithoutRow: UInt64

  /// A table with its rows.
  package init(nowNs: Int64, rows: [ServiceRow], hitsWithoutRow: UInt64 = 0) {
    self.nowNs = nowNs
    self.rows = rows
    self.hitsWithoutRow = hitsWithoutRow
  }
}

extension ServiceRow: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    service = fields.text("service")
    env = fields.text("env")
    type = fields.text("type")
    hits = fields.unsigned("hits")
    errors = fields.unsigned("errors")
    ratePerSecond = fields.number("rate_per_s")
    latency = LatencyQuantiles(fields)
    lastSeenNs = fields.signed("last_seen_ns")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("service", service)
    fields.set("env", env)
    fields.set("type", type)
    fields.set("hits", hits)
    fields.set("errors", errors)
    fields.set("rate_per_s", ratePerSecond)
    latency.write(to: &fields)
    fields.set("last_seen_ns", lastSeenNs)
  }
}

extension ServicesAnswer: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    nowNs = fields.signed("now_ns")
    rows = fields.rows("rows")
    hitsWithoutRow = fields.unsigned("hits_without_row")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("now_ns", nowNs)
    fields.set("rows", rows: rows)
    fields.set("hits_without_row", hitsWithoutRow)
  }
}
