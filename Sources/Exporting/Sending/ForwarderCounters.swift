/// What the forwarder has done so far, and what it is doing, by destination. The sums count a payload once for each
/// destination that it goes to.
package struct ForwarderCounters: Sendable, Equatable {
  /// The counters of one kind of payload.
  package struct PerKind: Sendable, Equatable {
    package var sentPayloads = 0
    package var sentBytes = 0
    /// Bytes of their bodies before they were compressed.
    package var sentBytesUncompressed = 0
    package var sent = PayloadCounts()
    /// Attempts that failed and were, or will be, repeated.
    package var retries = 0
    /// Payloads that an intake refused for good, by status.
    package var rejected: [Int: Int] = [:]
    /// Payloads that were given up, by reason.
    package var dropped: [DeliveryOutcome.DropReason: Int] = [:]
    /// What was inside of those refused and given up.
    package var lost = PayloadCounts()
    /// Those that wait, in memory or on disk, or are being sent.
    package var heldPayloads = 0
    /// What is inside of them.
    package var held = PayloadCounts()
    /// Bytes of the bodies of those of them that are in memory.
    package var heldBytes = 0
    /// Those that wait on disk only.
    package var spooled = HeldOnDisk()
    /// Payloads that an earlier agent had left on disk, and what was inside of them.
    package var restoredPayloads = 0
    package var restored = PayloadCounts()
    /// Since when the oldest of them has been held; `nil` when nothing is.
    package var heldSince: ContinuousClock.Instant?
    /// Attempts in a row that did not succeed, up to the last one; `nil` when that one did, or when there was none.
    package var trouble: Trouble?
    /// When one was last taken; `nil` when none ever was.
    package var lastSuccessAt: ContinuousClock.Instant?
    /// When the request was started that has waited longest for its answer; `nil` when none is under way.
    package var unansweredSince: ContinuousClock.Instant?

    /// Requests that have ended, well or not.
    package var attempts: Int { sentPayloads + retries + rejected.values.reduce(0, +) }
  }

  /// Payloads that wait on disk.
  package struct HeldOnDisk: Sendable, Equatable {
    package var payloads = 0
    /// Bytes of their bodies, without what describes them.
    package var bytes = 0
    package var counts = PayloadCounts()
  }

  /// Attempts in a row that did not succeed.
  package struct Trouble: Sendable, Equatable {
    /// When the first of them was started.
    package let since: ContinuousClock.Instant
    /// When the last of them failed.
    package let lastAt: ContinuousClock.Instant
    package let attempts: Int
    /// The status of the last answer; `nil` when there was none.
    package let status: Int?
    /// The last attempt for people to read: `HTTP 503`, or what libcurl says.
    package let text: String
    /// The intake refused the payload for good, or the key. Otherwise it is sent again, unless its retries are used.
    package let isRefusal: Bool
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
    /// The sum of the kinds in which spans are.
    package var ofTraces: PerKind {
      kinds.reduce(into: PerKind()) { sum, one in if one.key.isOfTraces { sum.add(one.value) } }
    }
    /// Whether its payloads are OTLP and not Datadog's.
    package var isOTLP: Bool { kinds.keys.contains(where: \.isOTLP) }
  }

  /// In the order of the list that the forwarder was given.
  package var destinations: [PerDestination]
  /// Payloads of kinds that no destination takes, all of which were given up.
  package var undeliverable: [OutgoingPayload.Kind: PerKind] = [:]
  /// Bytes of memory that the bodies of all payloads take: one that several destinations wait for counts once.
  package var bodyBytes = 0

  init(labels: [String]) { destinations = labels.map { PerDestination(label: $0) } }

  mutating func record(_ report: DeliveryQueue.Report, at now: ContinuousClock.Instant) {
    let (summary, outcome) = (report.summary, report.outcome)
    guard let destination = summary.destination else {
      undeliverable[summary.kind, default: PerKind()].record(outcome, of: summary)
      return
    }
    destinations[destination].kinds[summary.kind, default: PerKind()].record(outcome, of: summary)
    if outcome.isDelivery {
      destinations[destination].lastSuccessAt = now
      destinations[destination].kinds[summary.kind]?.lastSuccessAt = now
      destinations[destination].kinds[summary.kind]?.trouble = nil
    } else if let attempt = report.attempt, attempt.result.isOfIntake {
      destinations[destination].lastFailure = Failure(
        destination: summary.label, status: attempt.result.status, text: "\(attempt.result)", at: now)
      destinations[destination].kinds[summary.kind]?.record(
        failed: attempt, at: now,
        isRefusal: outcome.isRefusal || attempt.result.status.map { RetryPolicy.isAboutKey($0) } == true)
    }
  }
}

extension ForwarderCounters {
  /// Adds what is in a lane at this moment.
  mutating func add(_ lane: DeliveryLane) {
    destinations[lane.destination].queuePayloads += lane.waiting.count + lane.spooled.payloads
    destinations[lane.destination].inFlight += lane.underWay.count
    var kind = destinations[lane.destination].kinds[lane.kind, default: PerKind()]
    kind.heldPayloads = lane.waiting.count + lane.underWay.count + lane.spooled.payloads
    kind.held = lane.held.counts
    kind.held += lane.spooled.counts
    kind.heldBytes = lane.held.bytes
    kind.heldSince = lane.heldSince
    kind.unansweredSince = lane.unansweredSince
    kind.spooled = HeldOnDisk(
      payloads: lane.spooled.payloads, bytes: lane.spooled.bytes, counts: lane.spooled.counts)
    (kind.restoredPayloads, kind.restored) = lane.restored
    destinations[lane.destination].kinds[lane.kind] = kind
  }
}

/// Sums over all destinations, for those who do not distinguish them.
extension ForwarderCounters {
  /// The sum of one kind, with those that no destination takes.
  package subscript(kind: OutgoingPayload.Kind) -> PerKind {
    let start = undeliverable[kind, default: PerKind()]
    return destinations.reduce(into: start) { sum, destination in sum.add(destination[kind]) }
  }

  /// The sum of all kinds in which spans are.
  package var ofTraces: PerKind {
    ([.traces] + OutgoingPayload.Kind.allOTLPTraces).reduce(into: PerKind()) { $0.add(self[$1]) }
  }

  /// Bytes of the bodies in memory that wait or are being sent.
  package var queueBytes: Int {
    destinations.reduce(0) { $0 + $1.kinds.values.reduce(0) { $0 + $1.heldBytes } }
  }

  /// Payloads that wait for a connection or for the end of a pause.
  package var queuePayloads: Int { destinations.reduce(0) { $0 + $1.queuePayloads } }

  /// Payloads that are being sent.
  package var inFlight: Int { destinations.reduce(0) { $0 + $1.inFlight } }

  /// Since when the oldest of the payloads has been held; `nil` when none is.
  package var heldSince: ContinuousClock.Instant? {
    destinations.flatMap { $0.kinds.values.compactMap(\.heldSince) }.min()
  }

  /// Requests that have ended, well or not.
  package var attempts: Int {
    destinations.reduce(0) { $0 + $1.kinds.values.reduce(0) { $0 + $1.attempts } }
  }

  /// An intake says that it does not know its key.
  package var isKeyRefused: Bool {
    destinations.contains { destination in
      destination.kinds.values.contains { $0.trouble?.status.map { RetryPolicy.isAboutKey($0) } == true }
    }
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
      sentBytesUncompressed += summary.uncompressedBytes
      sent += summary.counts
    case .deliveredInPart(_, let rejectedSpans, _):
      let refused = PayloadCounts(spans: rejectedSpans)
      sentPayloads += 1
      sentBytes += summary.bytes
      sent += summary.counts
      sent -= refused
      lost += refused
    case .rejected(let status):
      rejected[status, default: 0] += 1
      lost += summary.counts
    case .dropped(let reason):
      dropped[reason, default: 0] += 1
      lost += summary.counts
    case .retrying: retries += 1
    }
  }

  fileprivate mutating func record(
    failed attempt: DeliveryQueue.Attempt, at now: ContinuousClock.Instant, isRefusal: Bool
  ) {
    trouble = ForwarderCounters.Trouble(
      since: trouble?.since ?? attempt.startedAt, lastAt: now, attempts: (trouble?.attempts ?? 0) + 1,
      status: attempt.result.status, text: "\(attempt.result)", isRefusal: isRefusal)
  }

  fileprivate mutating func add(_ other: Self) {
    sentPayloads += other.sentPayloads
    sentBytes += other.sentBytes
    sentBytesUncompressed += other.sentBytesUncompressed
    sent += other.sent
    retries += other.retries
    rejected.merge(other.rejected, uniquingKeysWith: +)
    dropped.merge(other.dropped, uniquingKeysWith: +)
    lost += other.lost
    heldPayloads += other.heldPayloads
    held += other.held
    heldBytes += other.heldBytes
    spooled.payloads += other.spooled.payloads
    spooled.bytes += other.spooled.bytes
    spooled.counts += other.spooled.counts
    restoredPayloads += other.restoredPayloads
    restored += other.restored
  }
}
