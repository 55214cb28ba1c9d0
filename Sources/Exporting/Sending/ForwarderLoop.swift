import CCurl

/// The forwarder's thread: starts what the queue says, sleeps in libcurl until something happens, tells how it went.
struct ForwarderLoop {
  private let core: ForwarderCore
  /// Requests under way, by libcurl's handle.
  private var busy: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  private var idle: [CurlTransfer] = []

  /// Handles kept for the next requests; one holds some 10 KB, and more are rarely busy at once.
  private static let idleMax = 2
  /// With nothing to wait for the thread sleeps this long at a time.
  private static let sleepMax = Duration.seconds(3600)

  init(core: ForwarderCore) { self.core = core }

  /// Runs until the queue is drained, or its time for that is over.
  mutating func run() {
    while true {
      let plan = core.plan()
      for entry in plan.start { begin(entry) }
      core.multi.perform()
      if finishEnded() { continue }
      if plan.isDrained { break }
      let sleep = plan.wakeAt.map { ContinuousClock.now.duration(to: $0) } ?? Self.sleepMax
      core.multi.wait(atMost: min(sleep, Self.sleepMax))
    }
    for transfer in busy.values { core.multi.remove(transfer) }
    core.abandon(busy.values.compactMap(\.entry))
    busy = [:]
    idle = []
  }

  private mutating func begin(_ entry: DeliveryQueue.Entry) {
    guard let transfer = idle.popLast() ?? CurlTransfer(library: core.library) else {
      return core.finish(entry, with: .failure("libcurl gave no handle"))
    }
    let code = transfer.prepare(entry, for: core.endpoint(of: entry), core.configuration)
    guard code == CURLE_OK else { return core.finish(entry, with: .failure(core.library.text(code))) }
    guard core.multi.add(transfer) == CURLM_OK else {
      return core.finish(entry, with: .failure("libcurl did not take the request"))
    }
    busy[transfer.easy] = transfer
  }

  /// Whether any request has ended: then there may be others to start.
  private mutating func finishEnded() -> Bool {
    let ended = core.multi.takeEnded()
    for (easy, code) in ended {
      guard let transfer = busy.removeValue(forKey: easy) else { continue }
      let result = transfer.result(code)
      core.multi.remove(transfer)
      if let entry = transfer.entry { core.finish(entry, with: result) }
      transfer.reset()
      if idle.count < Self.idleMax { idle.append(transfer) }
    }
    return !ended.isEmpty
  }
}
