/// What of a queue is on disk. The queue decides what is written and read; its owner does it and reports how it went.
extension DeliveryQueue {
  /// An entry that is to be written to disk.
  struct Spill: Sendable {
    let entry: Entry
    /// It is being sent at the same time, and must not be read before that has ended.
    let isUnderWay: Bool
  }

  /// Something that is to be done to a record on disk.
  enum SpoolChange: Sendable {
    /// Its payload has come to its end.
    case finish(lane: Int, Spool.Reference)
    /// It is to be read again, after an attempt to send the entry has failed.
    case putBack(Entry, Spool.Reference)
  }

  /// What is to be done to records on disk since the last time.
  mutating func takeSpoolChanges() -> [SpoolChange] {
    defer { spoolChanges = [] }
    return spoolChanges
  }

  /// Everything that is in memory only and could be on disk: at the end of the agent.
  var onlyInMemory: [Spill] {
    lanes.filter(\.hasSpool).flatMap { lane in
      let underWay = lane.underWay.values.filter { $0.spooled == nil }
      return underWay.map { Spill(entry: $0.entry, isUnderWay: true) }
        + lane.waiting.map { Spill(entry: $0, isUnderWay: false) }
    }
  }

  /// An entry has been written to disk. One that waited is in memory no longer.
  /// - Returns: false when it was given up meanwhile: then the record is of no use.
  mutating func spilled(_ spill: Spill, to reference: Spool.Reference) -> Bool {
    let lane = spill.entry.lane
    guard !spill.isUnderWay else {
      receipts.settle(spill.entry.payload.receipt, lane: lane)
      lanes[lane].note(spill.entry.id, isAt: reference)
      return true
    }
    guard let entry = lanes[lane].takeWaiting(spill.entry.id) else { return false }
    leaveOnDisk(entry, at: reference)
    receipts.settle(entry.payload.receipt, lane: lane)
    return true
  }

  /// Nothing can be written to disk now. It is tried again after a while.
  mutating func spoolFailed(_ lane: Int, at now: ContinuousClock.Instant) {
    lanes[lane].spoolPausedUntil = now + DeliveryLane.spoolPause
  }

  /// An earlier agent has left something on disk.
  mutating func restore(_ recovered: Spool.Recovered, in lane: Int, since: ContinuousClock.Instant) {
    guard recovered.payloads > 0 else { return }
    lanes[lane].spooled.payloads += recovered.payloads
    lanes[lane].spooled.bytes += recovered.bytes
    lanes[lane].spooled.counts += recovered.counts
    lanes[lane].spooled.since = since
    lanes[lane].restored.payloads += recovered.payloads
    lanes[lane].restored.counts += recovered.counts
  }

  /// A record was read: it is under way from now on.
  mutating func startSpooled(
    _ payload: OutgoingPayload, at reference: Spool.Reference, lane: Int, enqueuedAt: ContinuousClock.Instant,
    now: ContinuousClock.Instant
  ) -> Entry {
    lanes[lane].reading -= 1
    lanes[lane].takeOffDisk(payload.counts, bytes: payload.body.byteCount)
    if lanes[lane].spooled.payloads > 0 { lanes[lane].spooled.since = enqueuedAt }
    var entry = Entry(id: makeID(), payload: payload, lane: lane, enqueuedAt: enqueuedAt)
    entry.spooled = reference
    entry.failures = lanes[lane].failuresOnDisk[reference] ?? 0
    hold(entry)
    lanes[lane].hold(entry)
    lanes[lane].start(entry, at: now)
    return entry
  }

  /// A record could not be read now. The lane waits a little.
  mutating func readingFailed(_ lane: Int, at now: ContinuousClock.Instant) {
    lanes[lane].reading -= 1
    lanes[lane].pause(until: now + DeliveryLane.spoolPause)
  }

  /// A record that was to be read is damaged, or there is none.
  mutating func readNothing(_ lane: Int) { lanes[lane].reading -= 1 }

  /// Payloads on disk were given up.
  mutating func giveUpSpooled(
    _ givenUp: [Spool.GivenUp], in lane: Int, _ reason: DeliveryOutcome.DropReason
  ) -> [Report] {
    givenUp.map { one in
      lanes[lane].takeOffDisk(one.description.counts, bytes: one.bytes)
      let summary = OutgoingPayload.Summary(
        kind: lanes[lane].kind, destination: lanes[lane].destination, label: lanes[lane].label,
        counts: one.description.counts, bytes: one.bytes, uncompressedBytes: one.description.uncompressedBytes,
        failures: 0)
      return Report(summary: summary, outcome: .dropped(reason))
    }
  }

  /// Segments were given up: what is under way of them is in memory only, and may be written again.
  mutating func forget(_ segments: Set<UInt64>, in lane: Int) {
    for (id, one) in lanes[lane].underWay {
      guard let reference = one.spooled, segments.contains(reference.segment) else { continue }
      receipts.reopen(one.entry.payload.receipt, lane: lane)
      lanes[lane].note(id, isAt: nil)
    }
    lanes[lane].failuresOnDisk = lanes[lane].failuresOnDisk.filter { !segments.contains($0.key.segment) }
  }

  /// Nothing is found on disk any more of what should be there, since somebody removed it.
  mutating func giveUpAllSpooled(in lane: Int) -> [Report] {
    let missing = lanes[lane].spooled
    lanes[lane].spooled = DeliveryLane.Spooled()
    return (0..<missing.payloads).map { number in
      // What was in each of them is not known, only what was in all.
      let isFirst = number == 0
      let summary = OutgoingPayload.Summary(
        kind: lanes[lane].kind, destination: lanes[lane].destination, label: lanes[lane].label,
        counts: isFirst ? missing.counts : PayloadCounts(), bytes: isFirst ? missing.bytes : 0, uncompressedBytes: 0,
        failures: 0)
      return Report(summary: summary, outcome: .dropped(.spoolDamaged))
    }
  }

  /// Something was on disk of which nothing can be known.
  func unknownDamage(_ count: Int, in lane: Int) -> [Report] {
    let summary = OutgoingPayload.Summary(
      kind: lanes[lane].kind, destination: lanes[lane].destination, label: lanes[lane].label,
      counts: PayloadCounts(), bytes: 0, uncompressedBytes: 0, failures: 0)
    return [Report](repeating: Report(summary: summary, outcome: .dropped(.spoolDamaged)), count: count)
  }

  /// An entry that is held is on disk only from now on.
  mutating func leaveOnDisk(_ entry: Entry, at reference: Spool.Reference) {
    letGo(entry)
    lanes[entry.lane].spooled.payloads += 1
    lanes[entry.lane].spooled.bytes += entry.payload.body.byteCount
    lanes[entry.lane].spooled.counts += entry.payload.counts
    let since = lanes[entry.lane].spooled.since ?? entry.enqueuedAt
    lanes[entry.lane].spooled.since = min(since, entry.enqueuedAt)
    if entry.failures > 0, lanes[entry.lane].retry.retriesMax != nil {
      lanes[entry.lane].failuresOnDisk[reference] = entry.failures
    }
  }
}

extension DeliveryLane {
  /// What came longer ago and was not taken is written to disk, so that an agent that dies loses no more than that.
  static let memoryAgeMax = Duration.seconds(1)
  /// A destination has so long to answer in any case, also where payloads are gathered for longer than usual.
  static let answerTimeMin = Duration.milliseconds(500)
  /// After the disk has failed, nothing is written for so long.
  static let spoolPause = Duration.seconds(10)

  /// Its destination has not taken everything in time.
  var isSpooling: Bool {
    hasSpool && (attempt > 0 || spooled.payloads > 0 || underWay.values.contains { $0.spooled != nil })
  }

  /// There is something that could be sent next.
  var hasSomethingToSend: Bool { !waiting.isEmpty || spooled.payloads > 0 }

  /// At the end of the agent: the last attempt has failed, and what is left may wait on disk.
  func leavesRestOnDisk(at now: ContinuousClock.Instant) -> Bool {
    hasSpool && underWay.isEmpty && reading == 0 && isPaused(at: now)
  }

  /// Entries that are to be written to disk at this time, the oldest first, and when there may be more: those that are too
  /// long in memory without having been taken, all of a destination that fails, and those that wait while half of the memory
  /// is used.
  func dueForDisk(at now: ContinuousClock.Instant) -> (entries: [DeliveryQueue.Spill], next: ContinuousClock.Instant?) {
    guard hasSpool, !isEmpty else { return ([], nil) }
    let isNarrow = held.bytes > limits.queueBytesMax / 2
    // What a destination in trouble has not taken is not kept in memory at all.
    let isInTrouble = attempt > 0
    var due: [DeliveryQueue.Spill] = []
    var next: ContinuousClock.Instant?
    for one in underWay.values where one.spooled == nil {
      let time = isInTrouble ? one.entry.enqueuedAt : one.entry.safeUntil
      if time <= now { due.append(.init(entry: one.entry, isUnderWay: true)) } else { next = min(next ?? time, time) }
    }
    for entry in waiting {
      let time = isInTrouble ? entry.enqueuedAt : entry.safeUntil
      if time <= now || isNarrow {
        due.append(.init(entry: entry, isUnderWay: false))
      } else {
        next = min(next ?? time, time)
      }
    }
    guard !due.isEmpty, let spoolPausedUntil, now < spoolPausedUntil else {
      return (due.sorted { $0.entry.id < $1.entry.id }, next)
    }
    return ([], min(next ?? spoolPausedUntil, spoolPausedUntil))
  }

  /// A payload is on disk no longer, or in memory too.
  mutating func takeOffDisk(_ counts: PayloadCounts, bytes: Int) {
    spooled.payloads = max(0, spooled.payloads - 1)
    spooled.bytes = max(0, spooled.bytes - bytes)
    spooled.counts -= counts
    if spooled.payloads == 0 { spooled = Spooled() }
  }
}
