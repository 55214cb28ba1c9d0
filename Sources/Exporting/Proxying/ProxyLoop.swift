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
  /// Work that is tried again in a moment.
  private var pausing: [ProxyWork] = []
  private var idle: [ProxyTransfer] = []
  private var quietAt = ContinuousClock.now + ProxyLoop.quietMax

  /// Handles kept for the next requests; one holds some 10 KB.
  private static let idleMax = 2
  /// The thread ends when nothing came for so long.
  static let quietMax = Duration.seconds(60)

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
      let hasNothing = busy.isEmpty && pausing.isEmpty
      guard let orders = orders(hasNothing && .now >= quietAt) else { break }
      for work in orders.work { begin(work) }
      beginPausing()
      multi.perform()
      if finishEnded() { continue }
      if let deadline = orders.deadline {
        if busy.isEmpty && pausing.isEmpty {
          quietAt = .now
          continue
        }
        if deadline <= .now {
          abandon()
          continue
        }
      }
      let next = pausing.compactMap(\.beginsAt).min()
      let wakeAt = [next, orders.deadline, busy.isEmpty ? quietAt : nil].compactMap(\.self).min()
      let pause = wakeAt.map { ContinuousClock.now.duration(to: $0) } ?? Self.quietMax
      multi.wait(atMost: min(max(.zero, pause), Self.quietMax))
    }
    // Whoever owned the proxy may have let go of it without an end.
    abandon()
    idle = []
  }

  private func begin(_ work: ProxyWork) {
    let now = ContinuousClock.now
    quietAt = now + Self.quietMax
    guard let transfer = idle.popLast() ?? ProxyTransfer(library: library) else {
      return work.done(.impossible("libcurl gave no handle"))
    }
    let code = transfer.prepare(work, transport, now: now)
    guard code == CURLE_OK, multi.add(transfer.easy) == CURLM_OK else {
      return work.done(.impossible("libcurl did not take the request: \(library.text(code))"))
    }
    busy[transfer.easy] = transfer
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
      if let work = transfer.work { finish(work, outcome) }
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
    guard let pause else { return work.done(outcome) }
    work.beginsAt = now + pause
    pausing.append(work)
  }

  private func abandon() {
    for transfer in busy.values {
      multi.remove(transfer.easy)
      transfer.work?.done(.stopped)
    }
    busy = [:]
    for work in pausing { work.done(.stopped) }
    pausing = []
  }
}
