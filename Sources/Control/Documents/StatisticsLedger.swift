import JSON

/// What became of the groups of statistics that were to be sent. Where there is one intake, `made` and `restored` together are
/// as many as `sent`, `lost` and `in_flight`; where there are several, each of them counts in all but `made`. A group is a row
/// of a payload: a service, a resource and what else is counted apart, in ten seconds.
package struct StatisticsLedger: Sendable, Equatable, Codable {
  /// Those of buckets that have closed here.
  package var made: UInt64 = 0
  /// What an earlier agent had counted and not sent: its payloads, its open buckets, and the requests in its journal, whose
  /// spans are counted once more.
  package var restored: UInt64 = 0
  /// What the intake has taken.
  package var sent: UInt64 = 0
  /// What was given up, or refused for good.
  package var lost: UInt64 = 0
  /// What waits at the end of the time, in memory or on disk, or is under way.
  package var inFlight: UInt64 = 0

  /// That of an agent which has sent none.
  package init() {}

  /// What has come since another one was made; in flight is what is so now.
  package func since(_ earlier: StatisticsLedger) -> StatisticsLedger {
    var difference = self
    for path in [\Self.made, \.restored, \.sent, \.lost] as [WritableKeyPath<Self, UInt64>] {
      let (now, before) = (self[keyPath: path], earlier[keyPath: path])
      difference[keyPath: path] = now > before ? now - before : 0
    }
    return difference
  }
}
