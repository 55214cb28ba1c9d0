import Control
import Platform

/// The ledger at the beginning and at the end of the last whole minute.
final class LedgerBook: Sendable {
  private struct State: Sendable {
    var beganNs: Int64
    var began = Ledger()
    var lastMinute: MinuteLedger?
  }

  private static let minuteNs: Int64 = 60_000_000_000
  private let state: Lock<State>

  /// - Parameter startedNs: when the agent did, in ns since 1970.
  init(startedNs: Int64) { state = Lock(State(beganNs: startedNs)) }

  /// Whether a minute has passed; a clock that was set back begins anew.
  func isDue(nowNs: Int64) -> Bool {
    state.withLock { state in
      if nowNs < state.beganNs { state.beganNs = nowNs }
      return nowNs &- state.beganNs >= Self.minuteNs
    }
  }

  /// The sums at the end of a minute.
  func note(_ ledger: Ledger, nowNs: Int64) {
    state.withLock { state in
      state.lastMinute = MinuteLedger(
        endNs: nowNs, lengthNs: UInt64(clamping: nowNs &- state.beganNs), counts: ledger.since(state.began))
      (state.beganNs, state.began) = (nowNs, ledger)
    }
  }

  /// What came in the last whole minute; `nil` before there was one.
  var lastMinute: MinuteLedger? { state.withLock { $0.lastMinute } }
}
