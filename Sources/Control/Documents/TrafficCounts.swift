import JSON

/// How much passed one point of the agent's way since it started.
package struct TrafficCounts: Sendable, Equatable, Codable {
  /// Requests received, or requests sent to the intake.
  package var payloads: UInt64
  /// As they travelled: request bodies received, compressed bodies sent.
  package var bytes: UInt64
  /// Trace chunks: the spans of one trace in one payload.
  package var traces: UInt64
  /// Spans inside these trace chunks, all of them together.
  package var spans: UInt64

  /// Zero where it does not apply.
  package init(payloads: UInt64 = 0, bytes: UInt64 = 0, traces: UInt64 = 0, spans: UInt64 = 0) {
    self.payloads = payloads
    self.bytes = bytes
    self.traces = traces
    self.spans = spans
  }
}

/// How much sampling decided about since the agent started; it sees no payloads.
package struct TraceCounts: Sendable, Equatable, Codable {
  /// Trace chunks: the spans of one trace in one payload.
  package var traces: UInt64
  /// Spans inside these trace chunks, all of them together.
  package var spans: UInt64

  /// Zero where it does not apply.
  package init(traces: UInt64 = 0, spans: UInt64 = 0) {
    self.traces = traces
    self.spans = spans
  }
}

/// How much was dropped or lost for one reason since the agent started.
package struct LossCounts: Sendable, Equatable, Codable {
  /// Payloads that were dropped or lost whole; 0 where only single traces were.
  package var payloads: UInt64
  /// Size of these payloads as they came or were to be sent; 0 where it is not known.
  package var bytes: UInt64
  /// Trace chunks: the spans of one trace in one payload.
  package var traces: UInt64
  /// Spans inside these trace chunks, all of them together.
  package var spans: UInt64

  /// Zero where it does not apply.
  package init(payloads: UInt64 = 0, bytes: UInt64 = 0, traces: UInt64 = 0, spans: UInt64 = 0) {
    self.payloads = payloads
    self.bytes = bytes
    self.traces = traces
    self.spans = spans
  }

  /// Adds what else went for the same reason.
  package mutating func add(_ other: TrafficCounts) {
    payloads &+= other.payloads
    bytes &+= other.bytes
    traces &+= other.traces
    spans &+= other.spans
  }
}

/// What the intake accepted since the agent started.
package struct SentCounts: Sendable, Equatable, Codable {
  /// Payloads of traces. In the document at the top, so that `received`, `kept` and `sent` read alike.
  @Flattened package var traces = TrafficCounts()
  /// Size of their bodies before they were compressed.
  package var traceBytesUncompressed: UInt64 = 0
  /// Attempts beyond the first, for trace payloads.
  package var traceRetries: UInt64 = 0
  /// Payloads of statistics, which travel beside those of traces.
  package var stats = StatsCounts()

  /// Nothing sent yet, to be filled in.
  package init() {}
}

extension SentCounts: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = [
    "traceRetries": "retries", "traceBytesUncompressed": "bytes_uncompressed",
  ]
}

/// Statistics payloads that the intake accepted since the agent started.
package struct StatsCounts: Sendable, Equatable, Codable {
  /// Requests to the intake that carried statistics and were accepted.
  package var payloads: UInt64 = 0
  /// Size of their compressed bodies.
  package var bytes: UInt64 = 0
  /// Time buckets inside the payloads.
  package var buckets: UInt64 = 0
  /// Statistics groups inside the buckets, each one combination of service, resource and so on.
  package var groups: UInt64 = 0
  /// Attempts to send a statistics payload beyond its first one.
  package var retries: UInt64 = 0

  /// Nothing sent yet, to be filled in.
  package init() {}
}
