/// One resource (an endpoint, a query, a job) of a service, over the window asked for.
package struct ResourceRow: Sendable, Equatable {
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
  /// Spans counted, weighted by what clients sampled away.
  package var hits: UInt64
  /// Those of the hits that carry an error.
  package var errors: UInt64
  /// Hits a second over the part of the window in which the agent ran.
  package var ratePerSecond: Double
  /// Over the durations of these hits.
  package var latency: LatencyQuantiles
  /// This row's part of the summed duration of all rows of the service, 0…1.
  package var timeShare: Double
  /// End of the newest span counted here, nanoseconds since 1970.
  package var lastSeenNs: Int64

  /// A row with all its fields.
  package init(
    resource: String, operation: String, type: String, spanKind: String, env: String, hits: UInt64, errors: UInt64,
    ratePerSecond: Double, latency: LatencyQuantiles, timeShare: Double, lastSeenNs: Int64
  ) {
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
  }
}

/// The table of one service's resources, in the order in which it is shown.
package struct ResourcesAnswer: Sendable, Equatable {
  /// The one asked for.
  package var service: String
  /// The agent's clock when it answered, nanoseconds since 1970; ages are counted from here.
  package var nowNs: Int64
  /// Most time first.
  package var rows: [ResourceRow]
  /// Hits that have no row because the limit of different keys was reached.
  package var hitsWithoutRow: UInt64

  /// A table with its rows.
  package init(service: String, nowNs: Int64, rows: [ResourceRow], hitsWithoutRow: UInt64 = 0) {
    self.service = service
    self.nowNs = nowNs
    self.rows = rows
    self.hitsWithoutRow = hitsWithoutRow
  }
}

extension ResourceRow: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    resource = fields.text("resource")
    operation = fields.text("operation")
    type = fields.text("type")
    spanKind = fields.text("span_kind")
    env = fields.text("env")
    hits = fields.unsigned("hits")
    errors = fields.unsigned("errors")
    ratePerSecond = fields.number("rate_per_s")
    latency = LatencyQuantiles(fields)
    timeShare = fields.number("time_share")
    lastSeenNs = fields.signed("last_seen_ns")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("resource", resource)
    fields.set("operation", operation)
    fields.set("type", type)
    fields.set("span_kind", spanKind)
    fields.set("env", env)
    fields.set("hits", hits)
    fields.set("errors", errors)
    fields.set("rate_per_s", ratePerSecond)
    latency.write(to: &fields)
    fields.set("time_share", timeShare)
    fields.set("last_seen_ns", lastSeenNs)
  }
}

extension ResourcesAnswer: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    service = fields.text("service")
    nowNs = fields.signed("now_ns")
    rows = fields.rows("rows")
    hitsWithoutRow = fields.unsigned("hits_without_row")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("service", service)
    fields.set("now_ns", nowNs)
    fields.set("rows", rows: rows)
    fields.set("hits_without_row", hitsWithoutRow)
  }
}
