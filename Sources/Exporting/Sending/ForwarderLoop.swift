import CCurl

/// The forwarder's thread: starts what the queue says, sleeps in libcurl until something happens, and
/// reports how it went.
struct ForwarderLoop {
  private let core: ForwarderCore
  /// Requests under way, by libcurl's handle.
  private var busy: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  private var idle: [CurlTransfer] = []

  /// Handles kept for the next requests; one holds some 10 KB, and more are rarely busy at once.
  private static let idleMax = 2
  /// With nothing to wait for the thread sleeps this long at a time.
  private static let sleepMax = Duration.seconds(3600)
  /// After this long without a request libcurl's handles are given back; well above what is between two flushes.
  private static let quietMax = Duration.seconds(30)

  /// When the last request ended; `nil` when the handle that it took is given back.
  private var lastEnded: ContinuousClock.Instant?

  init(core: ForwarderCore) { self.core = core }

  /// Runs until the queue is drained, or its time for that is over.
  mutating func run() {
    core.reportOrphans()
    var recoversAt: ContinuousClock.Instant? = .now
    while true {
      if let time = recoversAt, time <= .now {
        recoversAt = core.recoverSpools() ? nil : .now + DeliveryLane.spoolPause
      }
      let plan = core.plan()
      // Copies before the records that they replace are marked as finished.
      core.spill(plan.spill)
      core.changeSpools()
      core.tellSafe()
      let entries = plan.start + plan.read.compactMap { core.readSpooled($0) }
      let didStartAll =
        entries.count == plan.start.count + plan.read.count && entries.reduce(true) { begin($1) && $0 }
      core.multi.perform()
      let hasEnded = finishEnded()
      core.tellSafe()
      if hasEnded || !didStartAll { continue }
      if plan.isDrained { break }
      let silentAt = reportSilence()
      sleep(until: [plan.wakeAt, silentAt, recoversAt].compactMap(\.self).min())
    }
    for transfer in busy.values { core.multi.remove(transfer.easy) }
    core.spill(core.withQueue { $0.onlyInMemory })
    core.abandon(busy.values.compactMap(\.entry))
    core.changeSpools()
    core.tellSafe()
    busy = [:]
    idle = []
  }

  /// Reports requests that have been silent for too long, each once; returns when the next one may have to be.
  private func reportSilence() -> ContinuousClock.Instant? {
    let now = ContinuousClock.now
    var next: ContinuousClock.Instant?
    for transfer in busy.values where !transfer.isSilenceReported {
      let due = transfer.movedAt + transfer.silenceMax
      if due > now {
        next = min(next ?? due, due)
      } else if let entry = transfer.entry {
        transfer.isSilenceReported = true
        core.reportSilence(of: entry, for: transfer.movedAt.duration(to: now))
      }
    }
    return next
  }

  private mutating func sleep(until wakeAt: ContinuousClock.Instant?) {
    let now = ContinuousClock.now
    var wakeAt = wakeAt
    if busy.isEmpty, let quietAt = lastEnded.map({ $0 + Self.quietMax }) {
      if quietAt <= now { releaseHandles() } else { wakeAt = min(wakeAt ?? quietAt, quietAt) }
    }
    core.multi.wait(atMost: min(wakeAt.map { now.duration(to: $0) } ?? Self.sleepMax, Self.sleepMax))
  }

  private mutating func releaseHandles() {
    idle = []
    lastEnded = nil
  }

  /// Whether the request is under way; when not, the queue knows that it has failed.
  private mutating func begin(_ entry: DeliveryQueue.Entry) -> Bool {
    guard let transfer = idle.popLast() ?? CurlTransfer(library: core.library) else {
      core.finish(entry, with: .failure("libcurl gave no handle"))
      return false
    }
    let code = transfer.prepare(entry, for: core.destination(of: entry))
    guard code == CURLE_OK, core.multi.add(transfer.easy) == CURLM_OK else {
      core.finish(entry, with: .failure("libcurl did not take the request: \(core.library.text(code))"))
      return false
    }
    busy[transfer.easy] = transfer
    return true
  }

  /// Whether any request has ended: then there may be others to start.
  private mutating func finishEnded() -> Bool {
    let ended = core.multi.takeEnded()
    for (easy, code) in ended {
      guard let transfer = busy.removeValue(forKey: easy) else { continue }
      let result = transfer.result(code)
      core.multi.remove(transfer.easy)
      if let entry = transfer.entry { core.finish(entry, with: result, answer: transfer.answer) }
      transfer.reset()
      if idle.count < Self.idleMax { idle.append(transfer) }
      lastEnded = .now
    }
    return !ended.isEmpty
  }
}
