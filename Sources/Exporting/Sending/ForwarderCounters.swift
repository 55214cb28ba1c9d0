/// What the forwarder has done so far, and what it is doing. Counts once for each endpoint that a payload goes to.
package struct ForwarderCounters: Sendable, Equatable {
  /// The counters of one kind of payload.
  package struct PerKind: Sendable, Equatable {
    package var sentPayloads = 0
    package var sentBytes = 0
    package var sentUncompressedBytes = 0
    package var sent = PayloadCounts()
    /// Attempts that failed and were, or will be, repeated.
    package var retries = 0
    /// Payloads that an intake refused for good, by status.
    package var rejected: [Int: Int] = [:]
    /// Payloads that were given up, by reason.
    package var dropped: [DeliveryOutcome.DropReason: Int] = [:]
    /// What was inside of those refused and given up.
    package var lost = PayloadCounts()
    /// What is inside of those that wait or are being sent.
    package var held = PayloadCounts()
  }

  /// The last attempt that did not succeed.
  package struct Failure: Sendable, Equatable {
    package let endpoint: String
    /// The status of the answer; `nil` when there was none.
    package let status: Int?
    package let text: String
    package let at: ContinuousClock.Instant
  }

  /// Each kind has a queue and counters of its own.
  package var traces = PerKind()
  package var stats = PerKind()
  /// Bytes of the bodies that wait or are being sent.
  package var queueBytes = 0
  /// Payloads that wait.
  package var queuePayloads = 0
  /// Payloads that are being sent.
  package var inFlight = 0
  package var lastFailure: Failure?
  package var lastSuccessAt: ContinuousClock.Instant?

  package init() {}

  /// Requests that have ended, well or not.
  package var attempts: Int {
    [traces, stats].reduce(0) { $0 + $1.sentPayloads + $1.retries + $1.rejected.values.reduce(0, +) }
  }

  package subscript(kind: OutgoingPayload.Kind) -> PerKind {
    get { kind == .traces ? traces : stats }
    set { if kind == .traces { traces = newValue } else { stats = newValue } }
  }

  mutating func record(_ outcome: DeliveryOutcome, of summary: OutgoingPayload.Summary, at now: ContinuousClock.Instant)
  {
    switch outcome {
    case .delivered:
      self[summary.kind].sentPayloads += 1
      self[summary.kind].sentBytes += summary.bytes
      self[summary.kind].sentUncompressedBytes += summary.uncompressedBytes
      self[summary.kind].sent += summary.counts
      lastSuccessAt = now
    case .rejected(let status):
      self[summary.kind].rejected[status, default: 0] += 1
      self[summary.kind].lost += summary.counts
      lastFailure = Failure(endpoint: summary.endpoint, status: status, text: "HTTP \(status)", at: now)
    case .dropped(let reason):
      self[summary.kind].dropped[reason, default: 0] += 1
      self[summary.kind].lost += summary.counts
    case .retrying(let result):
      self[summary.kind].retries += 1
      var answered: Int?
      if case .response(let status, _) = result { answered = status }
      lastFailure = Failure(endpoint: summary.endpoint, status: answered, text: "\(result)", at: now)
    }
  }
}
