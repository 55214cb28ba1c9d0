import Platform

/// The disk's side of the queue: what it decides about the spool is done here, on the forwarder's thread, with the queue's
/// lock open.
extension ForwarderCore {
  /// Takes over what an earlier agent has left on disk.
  /// - Returns: false when something could not be had, because that agent is still there, for one.
  func recoverSpools() -> Bool {
    var isWhole = true
    for lane in spools.withLock({ $0.indices }) {
      let done = spools.withLock { spools in Result { () throws(SpoolError) in try spools[lane].recover() } }
      noteRecovered(lane)
      guard case .failure(let error) = done else { continue }
      isWhole = false
      spoolFailed(lane, error)
    }
    return isWhole
  }

  /// Enters what was taken over on disk into the queue, whenever that was.
  private func noteRecovered(_ lane: Int) {
    let recovered = spools.withLock { $0[lane].takeRecovered() }
    guard recovered != Spool.Recovered() else { return }
    change { queue, _, now in
      queue.restore(recovered, in: lane, since: Self.instant(ofNs: recovered.oldestNs ?? 0, now))
      return queue.unknownDamage(recovered.damagedCount, in: lane)
    }
    let (label, kind) = withQueue { ($0.lanes[lane].label, $0.lanes[lane].kind) }
    if recovered.payloads > 0 {
      say(.restored(destination: label, kind: kind, payloads: recovered.payloads, bytes: recovered.bytes))
    }
    if recovered.foreignCount > 0 { say(.leftAlone(folder: spools.withLock { $0[lane].folder })) }
  }

  /// Says which folders hold payloads for destinations that are configured no longer, or with another key.
  func reportOrphans() {
    guard let spool else { return }
    let own = Set(spools.withLock { $0.map(\.folder) })
    for name in (try? FileTree(root: spool.folder).list("")) ?? [] {
      let folder = "\(spool.folder)/\(name)"
      guard !own.contains(folder), Spool.holdsSegments(folder) else { continue }
      say(.leftAlone(folder: folder))
    }
  }

  /// Writes entries to disk, and waits for the disk once for all of them where that is wanted. What cannot be written stays
  /// in memory.
  func spill(_ entries: [DeliveryQueue.Spill]) {
    var failed: Set<Int> = []
    var written: [(spill: DeliveryQueue.Spill, reference: Spool.Reference)] = []
    for spill in entries where !failed.contains(spill.entry.lane) {
      let lane = spill.entry.lane
      switch append(spill) {
      case .success(let reference): written.append((spill, reference))
      // It stays in memory, where it is sent or counted as lost; others are kept on disk all the same.
      case .failure(.tooLarge): continue
      case .failure(let error):
        failed.insert(lane)
        pauseSpool(lane, error)
      }
    }
    var unsynced: Set<Int> = []
    for lane in Set(written.map { $0.spill.entry.lane }) {
      let synced = spools.withLock { spools in Result { () throws(SpoolError) in try spools[lane].sync() } }
      guard case .failure(let error) = synced else { continue }
      unsynced.insert(lane)
      pauseSpool(lane, error)
    }
    for (spill, reference) in written {
      guard !unsynced.contains(spill.entry.lane) else {
        finish(reference, in: spill.entry.lane)
        continue
      }
      enter(spill, at: reference)
    }
  }

  /// Appends an entry to its spool. Its record is not read before `enter`.
  private func append(_ spill: DeliveryQueue.Spill) -> Result<Spool.Reference, SpoolError> {
    let lane = spill.entry.lane
    let createdNs = Self.unixNs(of: spill.entry.enqueuedAt)
    var givenUp: [Spool.GivenUp] = []
    let appended = spools.withLock { spools in
      Result { () throws(SpoolError) in
        try spools[lane].append(spill.entry.payload, createdNs: createdNs, isTaken: true, givenUp: &givenUp)
      }
    }
    noteRecovered(lane)
    noteLostSegments(lane)
    if !givenUp.isEmpty { change { queue, _, _ in queue.giveUpSpooled(givenUp, in: lane, .spoolFull) } }
    return appended
  }

  /// Tells the queue where an entry is on disk.
  private func enter(_ spill: DeliveryQueue.Spill, at reference: Spool.Reference) {
    let lane = spill.entry.lane
    noteSpoolWorks(lane)
    let isThere = spools.withLock { $0[lane].holds(reference) }
    // One that is being sent is in memory still.
    if !isThere, spill.isUnderWay { return }
    guard withQueue({ $0.spilled(spill, to: reference) }) else { return finish(reference, in: lane) }
    if !isThere {
      // What was written behind it took its place.
      giveUp(spill.entry)
    } else if !spill.isUnderWay {
      spools.withLock { _ = $0[lane].putBack(reference) }
    }
  }

  /// The record of an entry gave way to newer ones.
  private func giveUp(_ entry: DeliveryQueue.Entry) {
    let description = SpooledDescription(entry.payload, createdNs: 0)
    change { queue, _, _ in
      queue.giveUpSpooled(
        [Spool.GivenUp(description: description, bytes: entry.payload.body.byteCount)], in: entry.lane, .spoolFull)
    }
  }

  /// Nothing is written for a while, since it cannot be.
  private func pauseSpool(_ lane: Int, _ error: SpoolError) {
    withQueue { $0.spoolFailed(lane, at: .now) }
    spoolFailed(lane, error)
  }

  /// Does to records on disk what the queue has decided.
  func changeSpools() {
    for change in withQueue({ $0.takeSpoolChanges() }) {
      switch change {
      case .finish(let lane, let reference): finish(reference, in: lane)
      case .putBack(let entry, let reference):
        let isThere = spools.withLock { $0[entry.lane].putBack(reference) }
        if !isThere { giveUp(entry) }
      }
    }
  }

  /// Reads the next record of a lane and starts it.
  /// - Returns: what is to be sent; `nil` when nothing could be read, which the queue knows then.
  func readSpooled(_ lane: Int) -> DeliveryQueue.Entry? {
    let next = spools.withLock { spools in Result { () throws(SpoolError) in try spools[lane].takeNext() } }
    switch next {
    case .success(.record(let reference, let payload, let createdNs)):
      return withQueue { queue in
        let now = ContinuousClock.now
        return queue.startSpooled(
          payload, at: reference, lane: lane, enqueuedAt: Self.instant(ofNs: createdNs, now), now: now)
      }
    case .success(.damaged(let damaged)):
      change { queue, _, _ in
        queue.readNothing(lane)
        return queue.giveUpSpooled([damaged], in: lane, .spoolDamaged)
      }
    case .success(.none):
      // Given up in this moment for something newer; or somebody has removed the files.
      if withQueue({ $0.lanes[lane].spooled.payloads > 0 }) {
        spools.withLock { $0[lane].giveUpAll() }
        noteLostSegments(lane)
      }
      change { queue, _, _ in
        queue.readNothing(lane)
        return queue.giveUpAllSpooled(in: lane)
      }
    case .failure(let error):
      withQueue { $0.readingFailed(lane, at: .now) }
      spoolFailed(lane, error)
    }
    return nil
  }

  private func noteLostSegments(_ lane: Int) {
    let segments = spools.withLock { $0[lane].takeLostSegments() }
    if !segments.isEmpty { withQueue { $0.forget(segments, in: lane) } }
  }

  private func finish(_ reference: Spool.Reference, in lane: Int) {
    let done = spools.withLock { spools in Result { () throws(SpoolError) in try spools[lane].finish(reference) } }
    if case .failure(let error) = done { spoolFailed(lane, error) }
  }

  /// The time of day in nanoseconds since 1970.
  private static var nowNs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }

  private static func unixNs(of instant: ContinuousClock.Instant) -> Int64 {
    nowNs &- (ContinuousClock.now - instant).milliseconds &* 1_000_000
  }

  /// When that was by the clock that never jumps; now for a time to come, and a year ago for what lies further back.
  private static func instant(ofNs timeNs: Int64, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    let age = nowNs.subtractingReportingOverflow(timeNs).partialValue
    return now - .nanoseconds(min(max(age, 0), 365 * 86_400 * 1_000_000_000))
  }
}
