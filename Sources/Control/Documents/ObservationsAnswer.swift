/// What the agent observed of its clients beyond its counters, for the doctor.
package struct ObservationsAnswer: Sendable, Equatable, Codable {
  /// The agent's clock when it answered, nanoseconds since 1970.
  package var nowNs: Int64 = 0
  /// Requests but for `/info`, over TCP and over the unix socket.
  package var tcpRequests: UInt64 = 0
  package var unixRequests: UInt64 = 0
  /// The same rows as in `InfoAnswer`.
  package var clientIssues: [ClientIssueRow] = []
  /// What tracers decided about their traces.
  package var sampling = TracerSampling()
  /// Services of the last hour.
  package var services: [ServiceVarietyRow] = []
  /// Newest arrival from a process that made way for others in `InfoAnswer.processes`, nanoseconds since 1970; `nil` when
  /// all are still there.
  package var forgottenProcessesLastSeenNs: Int64?
  /// Receiving threads that did not end a request in time: what came to them is not in here. `nil` when none is missing.
  package var missingThreads: UInt64?

  /// Nothing seen, to be filled in.
  package init() {}
}

/// Sampling as the tracers decided it, before the agent decides.
package struct TracerSampling: Sendable, Equatable, Codable {
  /// Traces that came with a decision or without.
  package var traces: UInt64 = 0
  /// Those with priority 0 and below, by decision maker (`_dd.p.dm`, such as `-3`); the empty key is for none.
  package var droppedByDecision: [String: UInt64] = [:]
  /// Traces that tracers dropped before sending, as `Datadog-Client-Dropped-P0-Traces` says.
  package var clientDroppedTraces: UInt64 = 0
  /// The smallest `_dd.limit_psr` below 1: the share that a tracer's rate limiter let pass.
  package var lowestLimitRate: Double?
  /// When a trace last came with such a share, nanoseconds since 1970.
  package var limitedLastSeenNs: Int64?

  /// Nothing seen, to be filled in.
  package init() {}
}

/// How many different resources a service has.
package struct ServiceVarietyRow: Sendable, Equatable, Codable {
  /// Name and environment, as spans bring them.
  package var service: String
  package var env: String
  /// Service-entry (top-level) spans, weighted by what clients sampled away.
  package var hits: UInt64
  /// Different resources of these spans.
  package var resources: Int
  /// The operation with the most of them.
  package var busiestOperation: String
  /// One of several resources of that operation that differ only in an identifier; `nil` when there are none.
  package var idLikeResource: String?

  /// How varied one service was in the last hour.
  package init(
    service: String, env: String, hits: UInt64, resources: Int, busiestOperation: String, idLikeResource: String?
  ) {
    self.service = service
    self.env = env
    self.hits = hits
    self.resources = resources
    self.busiestOperation = busiestOperation
    self.idLikeResource = idLikeResource
  }
}
