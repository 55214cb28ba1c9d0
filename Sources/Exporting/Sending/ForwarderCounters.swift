/// What the forwarder has done so far, and what it is doing, by destination. The sums count a payload once for each
/// destination that it goes to.
package struct ForwarderCounters: Sendable, Equatable {
  /// The counters of one kind of payload.
  package struct PerKind: Sendable, Equatable {
    package var sentPayloads = 0
    package var sentBytes = 0
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
    /// Bytes of the bodies of those that wait or are being sent.
    package var heldBytes = 0

    /// Requests that have ended, well or not.
    package var attempts: Int { sentPayloads + retries + rejected.values.reduce(0, +) }
  }

  /// The last attempt that did not succeed.
  package struct Failure: Sendable, Equatable {
    /// The destination for people to read.
    package let destination: String
    /// The status of the answer; `nil` when there was none.
    package let status: Int?
    package let text: String
    package let at: ContinuousClock.Instant
  }

  /// The counters of one destination.
  package struct PerDestination: Sendable, Equatable {
    /// The destination for people to read.
    package let label: String
    /// Kinds that it takes; others have gone past it.
    package var kinds: [OutgoingPayload.Kind: PerKind] = [:]
    /// Payloads that wait for a connection or for the end of a pause.
    package var queuePayloads = 0
    /// Payloads that are being sent.
    package var inFlight = 0
    package var lastFailure: Failure?
    package var lastSuccessAt: ContinuousClock.Instant?

    /// The counters of one kind; all nothing for a kind that it does not take.
    package subscript(kind: OutgoingPayload.Kind) -> PerKind { kinds[kind, default: PerKind()] }
  }

  /// In the order of the list that the forwarder was given.
  package var destinations: [PerDestination]
  /// Payloads of kinds that no destination takes, all of which were given up.
  package var undeliverable: [OutgoingPayload.Kind: PerKind] = [:]
  /// Bytes of memory that the bodies of all payloads take: one that several destinations wait for counts once.
  package var bodyBytes = 0

  init(labels: [String]) { destinations = labels.map { PerDestination(label: $0) } }

  mutating func record(_ outcome: DeliveryOutcome, of summary: OutgoingPayload.Summary, at now: ContinuousClock.Instant)
  {
    guard let destination = summary.destination else {
      undeliverable[summary.kind, default: PerKind()].record(outcome, of: summary)
      return
    }
    destinations[destination].kinds[summary.kind, default: PerKind()].record(outcome, of: summary)
    switch outcome {
    case .delivered: destinations[destination].lastSuccessAt = now
    case .rejected(let status):
      destinations[destination].lastFailure = Failure(
        destination: summary.label, status: status, text: "HTTP \(status)", at: now)
    case .retrying(let result):
      var answered: Int?
      if case .response(let status, _) = result { answered = status }
      destinations[destination].lastFailure = Failure(
        destination: summary.label, status: answered, text: "\(result)", at: now)
    case .dropped: break
    }
  }
}

extension ForwarderCounters {
  /// Adds what is in a lane at this moment.
  mutating func add(_ lane: DeliveryLane) {
    destinations[lane.destination].queuePayloads += lane.waiting.count
    destinations[lane.destination].inFlight += lane.underWay.count
    destinations[lane.destination].kinds[lane.kind, default: PerKind()].held = lane.held.counts
    destinations[lane.destination].kinds[lane.kind, default: PerKind()].heldBytes = lane.held.bytes
  }
}

/// Sums over all destinations, for those who do not distinguish them.
extension ForwarderCounters {
  /// The sum of one kind, with those that no destination takes.
  package subscript(kind: OutgoingPayload.Kind) -> PerKind {
    let start = undeliverable[kind, default: PerKind()]
    return destinations.reduce(into: start) { sum, destination in sum.add(destination[kind]) }
  }

  /// Bytes of the bodies that wait or are being sent.
  package var queueBytes: Int {
    destinations.reduce(0) { $0 + $1.kinds.values.reduce(0) { $0 + $1.heldBytes } }
  }

  /// Payloads that wait for a connection or for the end of a pause.
  package var queuePayloads: Int { destinations.reduce(0) { $0 + $1.queuePayloads } }

  /// Payloads that are being sent.
  package var inFlight: Int { destinations.reduce(0) { $0 + $1.inFlight } }

  /// Requests that have ended, well or not.
  package var attempts: Int {
    destinations.reduce(0) { $0 + $1.kinds.values.reduce(0) { $0 + $1.attempts } }
  }

  /// The latest of all destinations.
  package var lastFailure: Failure? { destinations.compactMap(\.lastFailure).max { $0.at < $1.at } }

  /// The latest of all destinations.
  package var lastSuccessAt: ContinuousClock.Instant? { destinations.compactMap(\.lastSuccessAt).max() }
}

extension ForwarderCounters.PerKind {
  fileprivate mutating func record(_ outcome: DeliveryOutcome, of summary: OutgoingPayload.Summary) {
    switch outcome {
    case .delivered:
      sentPayloads += 1
      sentBytes += summary.bytes
      sent += summary.counts
    case .rejected(let status):
      rejected[status, default: 0] += 1
      lost += summary.counts
    case .dropped(let reason):
      dropped[reason, default: 0] += 1
      lost += summary.counts
    case .retrying: retries += 1
    }
  }

  fileprivate mutating func add(_ other: Self) {
    sentPayloads += other.sentPayloads
    sentBytes += other.sentBytes
    sent += other.sent
    retries += other.retries
    rejected.merge(other.rejected, uniquingKeysWith: +)
    dropped.merge(other.dropped, uniquingKeysWith: +)
    lost += other.lost
    held += other.held
    heldBytes += other.heldBytes
  }
}
