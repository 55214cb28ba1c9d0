import Platform

/// Says once a minute for each client and reason that a line of the log is due: of traces that make no sense, and of
/// payloads that cannot be decoded. Shared by all receiving threads; asked only when there were such.
final class DropNotices: Sendable {
  /// How long nothing more is said of a client and a reason.
  static let pauseNs: Int64 = 60_000_000_000
  /// Clients and reasons of the last minute that are told apart; further ones share the lines of each reason.
  static let keysMax = 64

  /// A line that is due.
  struct Notice: Equatable, Sendable {
    /// Traces or payloads since the last line, those of now included.
    let count: UInt64
    let isOfSeveralClients: Bool
  }

  private struct Key: Hashable, Sendable {
    /// `nil` for all that are not told apart.
    let client: String?
    let reason: String
  }

  private struct Said: Sendable {
    var atNs: Int64
    /// Traces or payloads of which no line has told yet.
    var untold: UInt64

    /// A clock that was set back must not silence it for long.
    func isOver(nowNs: Int64) -> Bool {
      let pause = nowNs.subtractingReportingOverflow(atNs)
      return pause.overflow || pause.partialValue >= DropNotices.pauseNs || pause.partialValue < 0
    }
  }

  private let said = Lock<[Key: Said]>([:])

  /// Counts traces or payloads; `nil` while the last line is not old enough for another.
  func due(client: String, reason: String, count: UInt64, nowNs: Int64) -> Notice? {
    said.withLock { said in
      var key = Key(client: client, reason: reason)
      if said[key] == nil, Self.isFull(&said, nowNs: nowNs) { key = Key(client: nil, reason: reason) }
      var count = count
      if let last = said[key] {
        count &+= last.untold
        guard last.isOver(nowNs: nowNs) else {
          said[key] = Said(atNs: last.atNs, untold: count)
          return nil
        }
      }
      said[key] = Said(atNs: nowNs, untold: 0)
      return Notice(count: count, isOfSeveralClients: key.client == nil)
    }
  }

  /// Whether no further client can be told apart, once those of whom a line would be due again are forgotten.
  private static func isFull(_ said: inout [Key: Said], nowNs: Int64) -> Bool {
    guard said.count >= keysMax else { return false }
    for (key, last) in said where key.client != nil && last.isOver(nowNs: nowNs) {
      said[key] = nil
      guard last.untold > 0 else { continue }
      // The next line of all that are not told apart tells of them.
      said[Key(client: nil, reason: key.reason), default: Said(atNs: last.atNs, untold: 0)].untold &+= last.untold
    }
    return said.count >= keysMax
  }
}
