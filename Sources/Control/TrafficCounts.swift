/// How much passed one point of the agent's way since it started.
package struct TrafficCounts: Sendable, Equatable {
  /// Whole bodies.
  package var payloads: UInt64
  /// As they travelled: request bodies received, compressed bodies sent.
  package var bytes: UInt64
  /// Trace chunks.
  package var traces: UInt64
  /// Single spans.
  package var spans: UInt64

  /// Zero where it does not apply.
  package init(payloads: UInt64 = 0, bytes: UInt64 = 0, traces: UInt64 = 0, spans: UInt64 = 0) {
    self.payloads = payloads
    self.bytes = bytes
    self.traces = traces
    self.spans = spans
  }
}

/// What the intake accepted since the agent started.
package struct SentCounts: Sendable, Equatable {
  /// Trace chunks.
  package var traces: TrafficCounts
  /// Attempts beyond the first, for trace payloads.
  package var traceRetries: UInt64
  /// Beside the traces, on a way of their own.
  package var stats: StatsCounts

  /// Nothing sent unless it is said.
  package init(traces: TrafficCounts = .init(), traceRetries: UInt64 = 0, stats: StatsCounts = .init()) {
    self.traces = traces
    self.traceRetries = traceRetries
    self.stats = stats
  }
}

/// Statistics payloads that the intake accepted since the agent started.
package struct StatsCounts: Sendable, Equatable {
  /// Whole bodies.
  package var payloads: UInt64
  /// Compressed.
  package var bytes: UInt64
  /// Time buckets inside the payloads.
  package var buckets: UInt64
  /// Rows inside the buckets.
  package var groups: UInt64
  /// Attempts beyond the first.
  package var retries: UInt64

  /// Nothing sent unless it is said.
  package init(
    payloads: UInt64 = 0, bytes: UInt64 = 0, buckets: UInt64 = 0, groups: UInt64 = 0, retries: UInt64 = 0
  ) {
    self.payloads = payloads
    self.bytes = bytes
    self.buckets = buckets
    self.groups = groups
    self.retries = retries
  }
}

extension TrafficCounts: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    payloads = fields.unsigned("payloads")
    bytes = fields.unsigned("bytes")
    traces = fields.unsigned("traces")
    spans = fields.unsigned("spans")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("payloads", payloads)
    fields.set("bytes", bytes)
    fields.set("traces", traces)
    fields.set("spans", spans)
  }
}

extension SentCounts: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    traces = fields.part("traces")
    traceRetries = fields.unsigned("trace_retries")
    stats = fields.part("stats")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("traces", part: traces)
    fields.set("trace_retries", traceRetries)
    fields.set("stats", part: stats)
  }
}

extension StatsCounts: ControlFieldsConvertible {
  init(_ fields: FieldReader) {
    payloads = fields.unsigned("payloads")
    bytes = fields.unsigned("bytes")
    buckets = fields.unsigned("buckets")
    groups = fields.unsigned("groups")
    retries = fields.unsigned("retries")
  }

  func write(to fields: inout FieldWriter) {
    fields.set("payloads", payloads)
    fields.set("bytes", bytes)
    fields.set("buckets", buckets)
    fields.set("groups", groups)
    fields.set("retries", retries)
  }
}
