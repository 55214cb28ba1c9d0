import JSON

/// What became of traces at one destination since the agent started: at Datadog's intake, a further one, or a receiver of OTLP.
package struct DestinationRow: Sendable, Equatable, Codable {
  /// Scheme, host, port and path.
  package var endpoint: String
  /// What it gets: `datadog` or `otlp`.
  package var format: String
  /// Payloads of traces that it took.
  package var sent = TrafficCounts()
  /// Attempts to send them that had to be repeated.
  package var retries: UInt64 = 0
  /// Payloads of traces that wait for it, in memory or on disk, or are under way.
  package var queued = TrafficCounts()
  /// Payloads of statistics that do.
  package var queuedStatistics: UInt64 = 0
  /// Those of traces that wait on disk.
  package var spooledPayloads: UInt64 = 0
  /// What it refused, or was given up before it took it.
  package var lost = TraceCounts()
  /// When it last took a payload; `nil` when it never did.
  package var lastSuccess: Timestamp?

  /// A destination that nothing was sent to yet.
  package init(endpoint: String, format: String) {
    self.endpoint = endpoint
    self.format = format
  }
}
