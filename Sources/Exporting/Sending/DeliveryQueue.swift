/// What waits to be sent, what is being sent, and what to do next. Decides only: it knows no sockets and no clock.
///
/// Its owner starts what `plan(at:)` says and reports how that ended with `finish(_:with:at:random:)`. A payload has an
/// entry for each destination that takes its kind, and every entry ends in exactly one final report. A payload that no
/// destination takes has no entry, and one report all the same.
///
/// A body that several destinations share is counted in full against the bound of each of them, so that what a destination
/// may hold does not depend on the others; `bodyBytes` counts it once, as memory does.
struct DeliveryQueue: Sendable {
  /// One payload on its way to one destination.
  struct Entry: Sendable {
    /// The number of the payload: a lower one is an older one. Its entries for other destinations have the same.
    let id: UInt64
    let payload: OutgoingPayload
    /// Which lane it is in.
    let lane: Int
    let enqueuedAt: ContinuousClock.Instant
    /// Until when it may be in memory only.
    let safeUntil: ContinuousClock.Instant
    /// Attempts to send it that have failed so far.
    var failures = 0
    /// Where it was read from on disk; `nil` when it has been in memory all the time.
    var spooled: Spool.Reference?

    init(id: UInt64, payload: OutgoingPayload, lane: Int, enqueuedAt: ContinuousClock.Instant) {
      self.id = id
      self.payload = payload
      self.lane = lane
      self.enqueuedAt = enqueuedAt
      let left = max(DeliveryLane.memoryAgeMax - payload.gatheredFor, DeliveryLane.answerTimeMin)
      safeUntil = enqueuedAt + left
    }
  }

  /// Something that happened to a payload, to be counted and reported.
  struct Report: Sendable {
    let summary: OutgoingPayload.Summary
    let outcome: DeliveryOutcome
    /// The attempt that came to this; `nil` when no attempt did.
    var attempt: Attempt?
    /// Why a receiver of OTLP refused it, in its own words; empty where it says nothing.
    var message = ""
  }

  /// One request for one entry, from start to end.
  struct Attempt: Sendable {
    let startedAt: ContinuousClock.Instant
    let result: TransferResult
  }

  /// What the owner of the queue is to do at one moment.
  struct Plan: Sendable {
    /// Entries whose requests are to be started, the oldest of a lane first.
    var start: [Entry] = []
    /// Entries that are to be written to disk, the oldest of a lane first.
    var spill: [Spill] = []
    /// Lanes of which one more record is to be read from disk and started, once for each record.
    var read: [Int] = []
    /// What was given up on the way.
    var reports: [Report] = []
    /// When to plan again if nothing happens until then; `nil` for never.
    var wakeAt: ContinuousClock.Instant?
    /// The queue is draining, and there is nothing more to wait for.
    var isDrained = false
  }

  /// One for each destination and kind that it takes.
  var lanes: [DeliveryLane]
  /// Bytes of memory that the bodies of all entries take; one that several entries share counts once.
  private(set) var bodyBytes = 0
  /// How many entries each payload has, by its number.
  private(set) var entryCounts: [UInt64: Int] = [:]
  /// What is to be done to the records on disk; see `takeSpoolChanges`.
  var spoolChanges: [SpoolChange] = []
  /// Which payloads a sudden end would lose, of those whose makers want to know.
  var receipts = ReceiptBook()
  private var nextID: UInt64 = 0
  private(set) var drainDeadline: ContinuousClock.Instant?

  /// - Parameter hasSpool: what a destination does not take may wait on disk.
  init(destinations: [Destination], hasSpool: Bool = false) {
    lanes = destinations.enumerated().flatMap { index, destination in
      destination.takes.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, limits in
        DeliveryLane(kind: kind, destination: index, of: destination, limits: limits, hasSpool: hasSpool)
      }
    }
  }

  /// Payloads that wait, once for each destination.
  var waitingCount: Int { lanes.reduce(0) { $0 + $1.waiting.count } }
  /// Payloads that are being sent, once for each destination.
  var inFlight: Int { lanes.reduce(0) { $0 + $1.underWay.count } }

  /// Adds a payload for every destination that takes its kind. In a lane that is full the oldest waiting ones give way.
  /// Traces never push out statistics, of which there are few and each of which stands for many traces; and a destination
  /// that is away pushes out nothing of another one.
  mutating func enqueue(_ payload: OutgoingPayload, at now: ContinuousClock.Instant) -> [Report] {
    guard lanes.contains(where: { $0.kind == payload.kind }) else {
      let summary = Self.summary(of: payload, as: payload.kind, destination: nil, label: "", failures: 0)
      receipts.settleUnlessOpen(payload.receipt)
      return [Report(summary: summary, outcome: .dropped(.noDestination))]
    }
    let id = makeID()
    var reports: [Report] = []
    for index in lanes.indices where lanes[index].kind == payload.kind {
      let entry = Entry(id: id, payload: payload, lane: index, enqueuedAt: now)
      guard drainDeadline == nil else {
        reports.append(Report(summary: summary(of: entry), outcome: .dropped(.shutdown)))
        continue
      }
      hold(entry)
      receipts.add(payload.receipt, lane: index)
      lanes[index].enqueue(entry)
      // What is under way is not interrupted, so the new one itself may be the oldest that waits.
      while lanes[index].isOverfull, let oldest = lanes[index].takeOldest() {
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
      startWhatMay(in: index, at: now, &plan)
      let due = lanes[index].dueForDisk(at: now)
      plan.spill += due.entries
      let resumes = lanes[index].hasSomethingToSend && lanes[index].isPaused(at: now) ? lanes[index].pausedUntil : nil
      plan.wakeAt = [plan.wakeAt, due.next, resumes].compactMap(\.self).min()
    }
    if let drainDeadline {
      plan.isDrained = now >= drainDeadline || lanes.allSatisfy { $0.isEmpty || $0.leavesRestOnDisk(at: now) }
      plan.wakeAt = min(plan.wakeAt ?? drainDeadline, drainDeadline)
    }
    return plan
  }

  /// How a started entry ended; an entry that has to be sent again is back in its lane after this.
  ///
  /// - Parameters:
  ///   - parts: what is sent in place of a payload that is refused as too large; none when it cannot be split.
  ///   - answer: what a receiver of OTLP says of a payload; `nil` for nothing.
  mutating func finish(
    _ entry: Entry, with result: TransferResult, parts: [OutgoingPayload] = [], answer: OTLPAnswer? = nil,
    at now: ContinuousClock.Instant,
    random: inout some RandomNumberGenerator
  ) -> [Report] {
    let policy = lanes[entry.lane].retry
    let ended = lanes[entry.lane].endAttempt(entry)
    let attempt = Attempt(startedAt: ended.startedAt, result: result)
    var entry = entry
    entry.spooled = ended.spooled
    switch policy.verdict(result) {
    case .delivered(let status):
      lanes[entry.lane].succeeded()
      let outcome = answer.map { answer in
        DeliveryOutcome.deliveredInPart(
          status: status, rejectedSpans: min(answer.rejectedSpans, entry.payload.counts.spans),
          message: answer.message)
      }
      return [end(entry, outcome ?? .delivered(status: status), attempt)]
    case .keyRefused:
      lanes[entry.lane].failed()
      lanes[entry.lane].pause(until: now + policy.keyDelay(attempt: lanes[entry.lane].attempt, random: &random))
      return putBack(entry, after: attempt, isItsFault: false)
    case .rejected where !parts.isEmpty:
      return [split(entry, into: parts, after: attempt)]
    case .rejected(let status):
      var report = end(entry, .rejected(status: status), attempt)
      report.message = answer?.message ?? ""
      return [report]
    case .unreadable:
      return [end(entry, .dropped(.bodyUnreadable), attempt)]
    case .retry(let retryAfter):
      lanes[entry.lane].failed()
      let backoff = policy.delay(attempt: lanes[entry.lane].attempt, random: &random)
      lanes[entry.lane].pause(until: now + max(backoff, retryAfter ?? .zero))
      return putBack(entry, after: attempt, isItsFault: true)
    }
  }

  /// Takes no more payloads and forgets all pauses, for one quick try at what is left.
  mutating func drain(until deadline: ContinuousClock.Instant) {
    guard drainDeadline == nil else { return }
    drainDeadline = deadline
    for index in lanes.indices { lanes[index].resume() }
  }

  /// Gives up all that waits, and the entries given, which were under way. What is on disk stays there.
  mutating func abandon(_ underWay: [Entry]) -> [Report] {
    var given: [Entry] = []
    for entry in underWay {
      var entry = entry
      entry.spooled = lanes[entry.lane].endAttempt(entry).spooled
      if let reference = entry.spooled { leaveOnDisk(entry, at: reference) } else { given.append(entry) }
    }
    given += lanes.indices.flatMap { lanes[$0].takeAll() }
    return given.map { end($0, .dropped(.shutdown)) }
  }
}

extension DeliveryQueue {
  mutating func makeID() -> UInt64 {
    defer { nextID += 1 }
    return nextID
  }

  /// Starts entries until there is no free connection. What is on disk is safe there when the agent ends.
  private mutating func startWhatMay(in index: Int, at now: ContinuousClock.Instant, _ plan: inout Plan) {
    while true {
      if drainDeadline == nil, lanes[index].startReading(at: now) {
        plan.read.append(index)
      } else if let entry = lanes[index].startOldest(at: now) {
        plan.start.append(entry)
      } else {
        return
      }
    }
  }

  /// Parts of an entry take its place. They are as old as it is, so that they are on disk before it has left that.
  private mutating func split(_ entry: Entry, into parts: [OutgoingPayload], after attempt: Attempt) -> Report {
    receipts.add(entry.payload.receipt, lane: entry.lane, entries: entry.spooled == nil ? parts.count : 0)
    for var payload in parts {
      payload.receipt = entry.payload.receipt
      let part = Entry(id: makeID(), payload: payload, lane: entry.lane, enqueuedAt: entry.enqueuedAt)
      hold(part)
      lanes[entry.lane].enqueue(part)
    }
    return end(entry, .retrying(attempt.result), attempt)
  }

  /// - Parameter isItsFault: the failure counts against the payload.
  private mutating func putBack(_ entry: Entry, after attempt: Attempt, isItsFault: Bool) -> [Report] {
    var entry = entry
    let report = Report(summary: summary(of: entry), outcome: .retrying(attempt.result), attempt: attempt)
    if isItsFault { entry.failures += 1 }
    if let retriesMax = lanes[entry.lane].retry.retriesMax, entry.failures > retriesMax {
      return [end(entry, .dropped(.retriesExhausted), attempt)]
    }
    if let reference = entry.spooled {
      leaveOnDisk(entry, at: reference)
      spoolChanges.append(.putBack(entry, reference))
    } else {
      lanes[entry.lane].putBack(entry)
    }
    return [report]
  }

  /// Those that are too old, and those that could be tried again only after the end.
  private mutating func giveUpHopeless(in index: Int, at now: ContinuousClock.Instant) -> [Report] {
    let oldest = now - lanes[index].retry.ageMax
    if lanes[index].waiting.isEmpty { return [] }
    var reports = lanes[index].takeWaiting(since: oldest).map { end($0, .dropped(.tooOld)) }
    if let drainDeadline, !lanes[index].hasSpool, lanes[index].isPaused(at: drainDeadline) {
      reports += lanes[index].takeAll().map { end($0, .dropped(.shutdown)) }
    }
    return reports
  }

  mutating func hold(_ entry: Entry) {
    if entryCounts[entry.id] == nil { bodyBytes += entry.payload.body.memoryBytes }
    entryCounts[entry.id, default: 0] += 1
  }

  private mutating func end(_ entry: Entry, _ outcome: DeliveryOutcome, _ attempt: Attempt? = nil) -> Report {
    if let reference = entry.spooled {
      spoolChanges.append(.finish(lane: entry.lane, reference))
      lanes[entry.lane].failuresOnDisk[reference] = nil
    } else if outcome != .dropped(.shutdown) {
      // What is given up with the agent is not told: whoever has a copy keeps it for the next agent.
      receipts.settle(entry.payload.receipt, lane: entry.lane)
    }
    letGo(entry)
    return Report(summary: summary(of: entry), outcome: outcome, attempt: attempt)
  }

  /// The entry's body is no longer in memory for its lane.
  mutating func letGo(_ entry: Entry) {
    lanes[entry.lane].release(entry)
    let others = entryCounts[entry.id, default: 0] - 1
    precondition(others >= 0, "an entry that has ended before")
    entryCounts[entry.id] = others == 0 ? nil : others
    if others == 0 { bodyBytes -= entry.payload.body.memoryBytes }
  }

  private func summary(of entry: Entry) -> OutgoingPayload.Summary {
    let lane = lanes[entry.lane]
    return Self.summary(
      of: entry.payload, as: lane.kind, destination: lane.destination, label: lane.label, failures: entry.failures)
  }

  /// - Parameter kind: of its lane. Payloads of OTLP on disk may be compressed as the lane's are no longer.
  private static func summary(
    of payload: OutgoingPayload, as kind: OutgoingPayload.Kind, destination: Int?, label: String, failures: Int
  ) -> OutgoingPayload.Summary {
    OutgoingPayload.Summary(
      kind: kind, destination: destination, label: label, counts: payload.counts,
      bytes: payload.body.byteCount, uncompressedBytes: payload.uncompressedBytes, failures: failures)
  }
}
