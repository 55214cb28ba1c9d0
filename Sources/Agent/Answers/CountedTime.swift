import Control

/// The time that a query of statistics asks for, within what is kept: a second at least.
struct CountedTime: Equatable {
  /// In ns since 1970, before `endNs`.
  let startNs: Int64
  /// In ns since 1970, not after now.
  let endNs: Int64
  /// Whether what is still being counted belongs to it.
  let endsNow: Bool

  /// - Parameters:
  ///   - windowNs: how far back from its end, where `range` does not say where it begins; `nil` is an hour.
  ///   - reachNs: how far back from now anything is kept.
  init(_ windowNs: Int64?, _ range: TimeRange?, nowNs: Int64, reachNs: Int64) {
    let secondNs: Int64 = 1_000_000_000
    let untilNs = range?.untilNs ?? nowNs
    endsNow = untilNs >= nowNs
    let endNs = max(min(untilNs, nowNs), secondNs)
    let windowNs = min(max(windowNs ?? ControlProtocol.historyNs, secondNs), reachNs)
    let wantedNs = max(range?.sinceNs ?? endNs &- windowNs, nowNs &- reachNs, 0)
    startNs = min(wantedNs, endNs - secondNs)
    self.endNs = endNs
  }
}
