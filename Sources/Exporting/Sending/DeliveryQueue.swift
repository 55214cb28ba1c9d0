/// What waits to be sent, what is being sent, and what to do next. Decides only: it knows no sockets and no clock.
///
/// Its owner starts what `plan(at:)` says and tells how that ended with `finish(_:with:at:random:)`. Every entry ends in
/// exactly one final report.
struct DeliveryQueue: Sendable {
  /// One payload on its way to one endpoint.
  struct Entry: Sendable {
    /// Counts up, so that a lower one is an older one.
    let id: UInt64
    let payload: OutgoingPayload
    /// Which lane it is in.
    let lane: Int
    let enqueuedAt: ContinuousClock.Instant
    /// Attempts that failed.
    var failures = 0
  }

  /// Something that happened to a payload, to be counted and told.
  struct Report: Sendable {
    let summary: OutgoingPayload.Summary
    let outcome: DeliveryOutcome
  }

  /// What to do now.
  struct Plan: Sendable {
    /// Requests to start.
    var start: [Entry] = []
    /// What was given up on the way.
    var reports: [Report] = []
    /// When to ask again if nothing happens until then; `nil` for never.
    var wakeAt: ContinuousClock.Instant?
    /// The queue is draining, and there is nothing more to wait for.
    var isDrained = false
  }

  /// What one kind of payload has in the queue.
  struct Held: Sendable, Equatable {
    /// Bytes of the bodies.
    var bytes = 0
    /// What is inside of them.
    var counts = PayloadCounts()
  }

  private(set) var lanes: [DeliveryLane]
  /// What is in all lanes, waiting or under way.
  private(set) var held: [OutgoingPayload.Kind: Held] = [:]
  private let bytesMax: [OutgoingPayload.Kind: Int]
  private let policy: RetryPolicy
  private var nextID: UInt64 = 0
  private var drainDeadline: ContinuousClock.Instant?

  init(configuration: ForwarderConfiguration) {
    bytesMax = configuration.queueBytesMax
    policy = configuration.retry
    lanes = configuration.endpoints.flatMap { endpoint in
      OutgoingPayload.Kind.allCases.map { kind in
        DeliveryLane(endpoint: endpoint, kind: kind, connectionsMax: configuration.connectionsMax[kind] ?? 1)
      }
    }
  }

  /// Payloads that wait.
  var waitingCount: Int { lanes.reduce(0) { $0 + $1.waiting.count } }
  /// Payloads that are being sent.
  var inFlight: Int { lanes.reduce(0) { $0 + $1.inFlight } }

  /// Adds a payload for every endpoint; the oldest waiting ones of its kind give way when there is no room. Traces never
  /// push out statistics, of which there are few and each of which stands for many traces.
  mutating func enqueue(_ payload: OutgoingPayload, at now: ContinuousClock.Instant) -> [Report] {
    var reports: [Report] = []
    for index in lanes.indices where lanes[index].kind == payload.kind {
      let entry = Entry(id: nextID, payload: payload, lane: index, enqueuedAt: now)
      nextID += 1
      held[payload.kind, default: Held()].bytes += payload.body.count
      held[payload.kind, default: Held()].counts += payload.counts
      guard drainDeadline == nil else {
        reports.append(end(entry, .dropped(.shutdown)))
        continue
      }
      lanes[index].insert(entry)
      // What is under way is not interrupted, so the new one itself may be the oldest that waits.
      while isOverfull(payload.kind), let oldest = takeOldestWaiting(payload.kind) {
        reports.append(end(oldest, .dropped(.queueFull)))
      }
    }
    return reports
  }

  /// What to do at this time. Entries that it says to start are under way from then on.
  mutating func plan(at now: ContinuousClock.Instant) -> Plan {
    var plan = Plan()
    for index in lanes.indices {
      plan.reports += giveUpHopeless(in: index, at: now)
      while lanes[index].hasFreeConnection, !lanes[index].isPaused(at: now), let entry = lanes[index].takeOldest() {
        lanes[index].started()
        plan.start.append(entry)
      }
      if !lanes[index].waiting.isEmpty, lanes[index].isPaused(at: now), let resumes = lanes[index].pausedUntil {
        plan.wakeAt = min(plan.wakeAt ?? resumes, resumes)
      }
    }
    if let drainDeadline {
      plan.isDrained = now >= drainDeadline || lanes.allSatisfy(\.isEmpty)
      plan.wakeAt = min(plan.wakeAt ?? drainDeadline, drainDeadline)
    }
    return plan
  }

  /// How a started entry ended; an entry that has to be sent again is back in its lane after this.
  mutating func finish(
    _ entry: Entry, with result: TransferResult, at now: ContinuousClock.Instant,
    random: inout some RandomNumberGenerator
  ) -> [Report] {
    lanes[entry.lane].ended()
    switch policy.verdict(result) {
    case .delivered(let status):
      lanes[entry.lane].succeeded()
      return [end(entry, .delivered(status: status))]
    case .rejected(let status):
      return [end(entry, .rejected(status: status))]
    case .retry(let retryAfter):
      lanes[entry.lane].failed()
      let backoff = policy.delay(attempt: lanes[entry.lane].attempt, random: &random)
      lanes[entry.lane].pause(until: now + max(backoff, retryAfter ?? .zero))
      return putBack(entry, after: result)
    }
  }

  /// Takes no more payloads and forgets all pauses, for one quick try at what is left.
  mutating func drain(until deadline: ContinuousClock.Instant) {
    guard drainDeadline == nil else { return }
    drainDeadline = deadline
    for index in lanes.indices { lanes[index].resume() }
  }

  /// Gives up all that waits, and the entries given, which were under way.
  mutating func abandon(_ underWay: [Entry]) -> [Report] {
    for entry in underWay { lanes[entry.lane].ended() }
    let waiting = lanes.indices.flatMap { lanes[$0].takeAll() }
    return (underWay + waiting).map { end($0, .dropped(.shutdown)) }
  }
}

extension DeliveryQueue {
  private mutating func putBack(_ entry: Entry, after result: TransferResult) -> [Report] {
    var entry = entry
    let report = Report(summary: summary(of: entry), outcome: .retrying(result))
    entry.failures += 1
    if let retriesMax = policy.retriesMax, entry.failures > retriesMax {
      return [end(entry, .dropped(.retriesExhausted))]
    }
    lanes[entry.lane].insert(entry)
    return [report]
  }

  /// Those that are too old, and those that could be tried again only after the end.
  private mutating func giveUpHopeless(in index: Int, at now: ContinuousClock.Instant) -> [Report] {
    var reports = lanes[index].takeWaiting(since: now - policy.ageMax).map { end($0, .dropped(.tooOld)) }
    if let drainDeadline, lanes[index].isPaused(at: drainDeadline) {
      reports += lanes[index].takeAll().map { end($0, .dropped(.shutdown)) }
    }
    return reports
  }

  private func isOverfull(_ kind: OutgoingPayload.Kind) -> Bool {
    held[kind, default: Held()].bytes > bytesMax[kind, default: 0]
  }

  private mutating func takeOldestWaiting(_ kind: OutgoingPayload.Kind) -> Entry? {
    let oldest = lanes.indices.filter { lanes[$0].kind == kind && !lanes[$0].waiting.isEmpty }.min {
      (lanes[$0].waiting.first?.id ?? .max) < (lanes[$1].waiting.first?.id ?? .max)
    }
    return oldest.flatMap { lanes[$0].takeOldest() }
  }

  private mutating func end(_ entry: Entry, _ outcome: DeliveryOutcome) -> Report {
    held[entry.payload.kind, default: Held()].bytes -= entry.payload.body.count
    held[entry.payload.kind, default: Held()].counts -= entry.payload.counts
    return Report(summary: summary(of: entry), outcome: outcome)
  }

  private func summary(of entry: Entry) -> OutgoingPayload.Summary {
    OutgoingPayload.Summary(
      kind: entry.payload.kind, endpoint: lanes[entry.lane].endpoint.label, counts: entry.payload.counts,
      bytes: entry.payload.body.count, uncompressedBytes: entry.payload.uncompressedBytes, failures: entry.failures)
  }
}
