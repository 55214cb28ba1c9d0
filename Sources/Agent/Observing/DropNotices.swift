import Platform

/// Says of dropped traces once a minute for each client and reason that a line of the log is due. Shared by all receiving
/// threads; asked only when traces were dropped.
final class DropNotices: Sendable {
  /// How long nothing more is said of a client and a reason.
  static let pauseNs: Int64 = 60_000_000_000
  /// Clients and reasons that are told apart; further ones share the lines of each reason.
  static let keysMax = 64

  private struct Key: Hashable, Sendable {
    let client: String
    let reason: String
  }

  private struct Said: Sendable {
    var atNs: Int64
    /// Traces that were dropped since that line.
    var traces: UInt64
  }

  private let said = Lock<[Key: Said]>([:])

  /// Counts dropped traces.
  /// - Returns: how many were dropped since the last line, these included, when another one is due; else `nil`.
  func due(client: String, reason: String, traces: UInt64, nowNs: Int64) -> UInt64? {
    said.withLock { said in
      var key = Key(client: client, reason: reason)
      if said[key] == nil, said.count >= Self.keysMax { key = Key(client: "", reason: reason) }
      guard var last = said[key] else {
        said[key] = Said(atNs: nowNs, traces: 0)
        return traces
      }
      last.traces &+= traces
      let pause = nowNs.subtractingReportingOverflow(last.atNs)
      // A clock that was set back must not silence it for long.
      guard pause.overflow || pause.partialValue >= Self.pauseNs || pause.partialValue < 0 else {
        said[key] = last
        return nil
      }
      said[key] = Said(atNs: nowNs, traces: 0)
      return last.traces
    }
  }
}
