import CCurl

/// The proxy's thread: begins what was handed over, sleeps in libcurl until something happens, and tells how it went.
///
/// Sendable by hand: everything but `wake()` belongs to the thread that runs it.
final class ProxyLoop: @unchecked Sendable {
  private let library: CurlLibrary
  private let multi: CurlMulti
  private let transport: TransportSettings
  /// Attempts under way, by libcurl's handle.
  private var busy: [UnsafeMutableRawPointer: ProxyTransfer] = [:]
  /// How many of them go to each place.
  private var requestsAtOnce: [String: Int] = [:]
  /// Work that waits until its place is less busy.
  private var queued: [ProxyWork] = []
  /// Work that is tried again in a moment.
  private var pausing: [ProxyWork] = []
  private var idle: [ProxyTransfer] = []
  private var quietAt = ContinuousClock.now + ProxyLoop.quietMax

  /// Handles kept for the next requests; one holds some 10 KB.
  private static let idleMax = 2
  /// Requests that one place gets at a time, over a connection each.
  static let requestsAtOnceMax = 20
  /// The thread ends when nothing came for so long: more than the minute between two profiles or heartbeats of a tracer.
  static let quietMax = Duration.seconds(150)

  init(library: CurlLibrary, multi: consuming CurlMulti, _ transport: TransportSettings) {
    self.library = library
    self.multi = multi
    self.transport = transport
  }

  /// Ends the current or the next wait, from any thread.
  func wake() { multi.wake() }

  /// Runs until there is nothing to do any more.
  /// - Parameter orders: what came since it was asked last; `nil` to end, which happens only when told that all is done.
  func run(_ orders: (_ isIdle: Bool) -> ProductProxy.Orders?) {
    while true {
      guard let orders = orders(hasNothing && .now >= quietAt) else { break }
      beginQueued()
      for work in orders.work { begin(work) }
      beginPausing()
      multi.perform()
      if finishEnded() { continue }
      if let deadline = orders.deadline {
        if hasNothing {
          quietAt = .now
          continue
        }
        if deadline <= .now {
          abandon()
          continue
        }
      }
      let next = (pausing.compactMap(\.beginsAt) + queued.map(\.deadline)).min()
      let wakeAt = [next, orders.deadline, busy.isEmpty ? quietAt : nil].compactMap(\.self).min()
      let pause = wakeAt.map { ContinuousClock.now.duration(to: $0) } ?? Self.quietMax
      multi.wait(atMost: min(max(.zero, pause), Self.quietMax))
    }
    idle = []
  }

  private var hasNothing: Bool { busy.isEmpty && pausing.isEmpty && queued.isEmpty }

  private func begin(_ work: ProxyWork) {
    let now = ContinuousClock.now
    quietAt = now + Self.quietMax
    guard requestsAtOnce[work.place, default: 0] < Self.requestsAtOnceMax else { return queued.append(work) }
    guard let transfer = idle.popLast() ?? ProxyTransfer(library: library) else {
      return work.done(.impossible("libcurl gave no handle"))
    }
    let code = transfer.prepare(work, transport, now: now)
    guard code == CURLE_OK else {
      return work.done(.impossible("libcurl did not take the request: \(library.text(code))"))
    }
    guard multi.add(transfer.easy) == CURLM_OK else {
      return work.done(.impossible("libcurl did not begin the request"))
    }
    busy[transfer.easy] = transfer
    requestsAtOnce[work.place, default: 0] += 1
  }

  private func beginQueued() {
    guard !queued.isEmpty else { return }
    let waiting = queued
    queued = []
    let now = ContinuousClock.now
    for work in waiting {
      if work.deadline > now { begin(work) } else { work.done(work.lastAnswer ?? .timedOut) }
    }
  }

  private func leave(_ place: String) {
    let left = requestsAtOnce[place, default: 1] - 1
    requestsAtOnce[place] = left > 0 ? left : nil
  }

  private func beginPausing() {
    guard !pausing.isEmpty else { return }
    let now = ContinuousClock.now
    let due = pausing.filter { $0.beginsAt.map { $0 <= now } ?? true }
    pausing.removeAll { $0.beginsAt.map { $0 <= now } ?? true }
    for work in due { begin(work) }
  }

  /// Whether any attempt has ended.
  private func finishEnded() -> Bool {
    let ended = multi.takeEnded()
    for (easy, code) in ended {
      guard let transfer = busy.removeValue(forKey: easy) else { continue }
      let outcome = transfer.outcome(code)
      multi.remove(easy)
      if let work = transfer.work {
        leave(work.place)
        finish(work, outcome)
      }
      transfer.reset()
      if idle.count < Self.idleMax { idle.append(transfer) }
    }
    return !ended.isEmpty
  }

  private func finish(_ work: ProxyWork, _ outcome: ProxyOutcome) {
    var work = work
    work.attempts += 1
    let now = ContinuousClock.now
    let pause = ProxyRetry.pause(
      after: outcome, attempts: work.attempts, attemptsMax: work.request.attemptsMax,
      timeLeft: now.duration(to: work.deadline))
    guard let pause else {
      // Without time for another attempt the answer before is the one that says more.
      if outcome == .timedOut, let answer = work.lastAnswer { return work.done(answer) }
      return work.done(outcome)
    }
    if case .answered = outcome { work.lastAnswer = outcome }
    work.beginsAt = now + pause
    pausing.append(work)
  }

  private func abandon() {
    for transfer in busy.values {
      multi.remove(transfer.easy)
      transfer.work?.done(.stopped)
    }
    busy = [:]
    requestsAtOnce = [:]
    for work in pausing + queued { work.done(.stopped) }
    pausing = []
    queued = []
  }
}
