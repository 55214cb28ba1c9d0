import Platform

/// What the forwarder's thread and its callers share: the queue, the counters, and the way to wake the thread.
final class ForwarderCore: Sendable {
  let destinations: [Destination]
  let library: CurlLibrary
  let multi: CurlMulti
  private let onOutcome: @Sendable (OutgoingPayload.Summary, DeliveryOutcome) -> Void
  private let onNotice: @Sendable (ForwarderNotice) -> Void
  private let onSafe: @Sendable (OutgoingPayload.Receipt) -> Void
  private let state: Lock<State>
  /// One for each lane; none without a folder for them. Only the forwarder's thread opens this lock, and before the other.
  let spools: Lock<[Spool]>
  let spool: SpoolSettings?

  private struct State {
    /// `destinations` with the keys that hold now.
    var current: [Destination]
    var queue: DeliveryQueue
    var counters: ForwarderCounters
    var notices = NoticeFilter()
    /// Lanes whose spool has failed, and which have said so.
    var failedSpools: Set<Int> = []
    var random = SystemRandomNumberGenerator()

    /// Enters what happened into the counters and picks what is worth telling.
    mutating func record(_ reports: [DeliveryQueue.Report], at now: ContinuousClock.Instant) -> [ForwarderNotice] {
      reports.flatMap { report in
        counters.record(report, at: now)
        return notices.notices(for: report, at: now)
      }
    }
  }

  init(
    destinations: [Destination], spool: SpoolSettings?, library: CurlLibrary, multi: consuming CurlMulti,
    onOutcome: @escaping @Sendable (OutgoingPayload.Summary, DeliveryOutcome) -> Void,
    onNotice: @escaping @Sendable (ForwarderNotice) -> Void,
    onSafe: @escaping @Sendable (OutgoingPayload.Receipt) -> Void = { _ in }
  ) {
    self.destinations = destinations
    self.library = library
    self.multi = multi
    self.onOutcome = onOutcome
    self.onNotice = onNotice
    self.onSafe = onSafe
    self.spool = spool
    let queue = DeliveryQueue(destinations: destinations, hasSpool: spool != nil)
    spools = Lock(
      spool.map { spool in
        queue.lanes.map { lane in
          let destination = destinations[lane.destination]
          let isShared = destinations.count { $0.label == destination.label } > 1
          return Spool(
            folder: spool.folder(of: destination, lane.kind, isAddressShared: isShared),
            bytesMax: spool.bytesMax(of: lane.kind), isDurable: spool.isDurable)
        }
      } ?? [])
    state = Lock(
      State(current: destinations, queue: queue, counters: ForwarderCounters(labels: destinations.map(\.label))))
  }

  var counters: ForwarderCounters {
    state.withLock { state in
      var counters = state.counters
      for lane in state.queue.lanes { counters.add(lane) }
      counters.bodyBytes = state.queue.bodyBytes
      return counters
    }
  }

  func destination(of entry: DeliveryQueue.Entry) -> Destination {
    state.withLock { $0.current[$0.queue.lanes[entry.lane].destination] }
  }

  /// From now on requests go out with other keys, at once also to those that refused the old ones.
  /// - Returns: false when these are not the same addresses for the same kinds of payload, or one address has several keys,
  ///   by which its spool is named.
  func replaceKeys(by others: [Destination]) -> Bool {
    let labels = destinations.map(\.label)
    guard labels == others.map(\.label), Set(labels).count == labels.count,
      zip(destinations, others).allSatisfy({ $0.takes.keys == $1.takes.keys })
    else { return false }
    state.withLock { state in
      state.current = zip(state.current, others).map { $0.taking(secretsOf: $1) }
      for lane in state.queue.lanes.indices { state.queue.lanes[lane].resume() }
    }
    multi.wake()
    return true
  }

  func enqueue(_ payload: OutgoingPayload) {
    change { queue, _, now in queue.enqueue(payload, at: now) }
    multi.wake()
  }

  func drain(until deadline: ContinuousClock.Instant) {
    state.withLock { $0.queue.drain(until: deadline) }
    multi.wake()
  }

  /// Tells makers of payloads which of these a sudden end would no longer lose.
  func tellSafe() {
    for receipt in state.withLock({ $0.queue.receipts.takeSettled() }) { onSafe(receipt) }
  }

  func plan() -> DeliveryQueue.Plan {
    var plan = DeliveryQueue.Plan()
    change { queue, _, now in
      plan = queue.plan(at: now)
      return plan.reports
    }
    return plan
  }

  /// - Parameter answer: the answer's body, where its destination's may say something.
  func finish(_ entry: DeliveryQueue.Entry, with result: TransferResult, answer: [UInt8] = []) {
    let parts = result.status == 413 ? entry.payload.halves() ?? [] : []
    let isTaken = result.status.map { (200..<300).contains($0) } ?? false
    let said = entry.payload.kind.isOTLP ? isTaken ? OTLPAnswer(answer) : OTLPAnswer(ofRefusal: answer) : nil
    change { queue, random, now in
      queue.finish(entry, with: result, parts: parts, answer: said, at: now, random: &random)
    }
  }

  /// Reports a request of which nothing has been heard for `duration`.
  func reportSilence(of entry: DeliveryQueue.Entry, for duration: Duration) {
    let notice = state.withLock { state -> ForwarderNotice? in
      let lane = state.queue.lanes[entry.lane]
      return state.notices.notice(ofSilence: duration, at: lane.destination, lane.label, lane.kind, at: .now)
    }
    if let notice { onNotice(notice) }
  }

  func abandon(_ underWay: [DeliveryQueue.Entry]) {
    change { queue, _, _ in queue.abandon(underWay) }
  }

  /// Says that payloads of a lane cannot be kept on disk, unless that was said, of whichever lane, and is so still.
  func spoolFailed(_ lane: Int, _ error: SpoolError) {
    let isNews = state.withLock { state in
      defer { state.failedSpools.insert(lane) }
      return state.failedSpools.isEmpty
    }
    if isNews { onNotice(.spoolFailing(error)) }
  }

  /// Payloads of a lane can be kept on disk.
  func noteSpoolWorks(_ lane: Int) { state.withLock { _ = $0.failedSpools.remove(lane) } }

  func say(_ notice: ForwarderNotice) { onNotice(notice) }

  /// Looks at the queue, or changes something of it that is no news.
  func withQueue<Result: Sendable>(_ body: (inout DeliveryQueue) -> Result) -> Result {
    state.withLock { body(&$0.queue) }
  }

  /// Changes the queue under the lock, and reports what came of it when the lock is open again.
  func change(
    _ body: (inout DeliveryQueue, inout SystemRandomNumberGenerator, ContinuousClock.Instant) -> [DeliveryQueue.Report]
  ) {
    let now = ContinuousClock.now
    let (reports, notices) = state.withLock { state in
      let reports = body(&state.queue, &state.random, now)
      return (reports, state.record(reports, at: now))
    }
    for notice in notices { onNotice(notice) }
    for report in reports { onOutcome(report.summary, report.outcome) }
  }
}
