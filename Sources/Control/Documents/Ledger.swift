import JSON

/// What became of the traces that came in a time, as sums that balance where there is one intake: `received` and `restored` are
/// what was sent, sampled, filtered, refused, dropped and lost, and what is in flight, since the agent's start.
package struct Ledger: Sendable, Equatable, Codable {
  /// All that came, with what was refused as far as clients announced it.
  package var received = TraceCounts()
  /// What an earlier agent had left on disk.
  package var restored = TraceCounts()
  /// What the intake has taken.
  package var sent = TraceCounts()
  /// What sampling did not keep.
  package var sampled = TraceCounts()
  /// What rules of the configuration dropped.
  package var filtered = TraceCounts()
  /// What was answered with an error.
  package var refused = TraceCounts()
  /// What made no sense, or was dropped for another reason.
  package var dropped = TraceCounts()
  /// What was kept and given up.
  package var lost = TraceCounts()
  /// What waits at the end of the time, in memory or on disk, is being gathered, or under way.
  package var inFlight = TraceCounts()
  /// The same of statistics, which travel beside the traces.
  package var statistics = StatisticsLedger()

  /// That of an agent to which nothing has come.
  package init() {}

  /// The sums since the agent's start.
  package init(_ answer: InfoAnswer) {
    received = TraceCounts(traces: answer.received.traces, spans: answer.received.spans)
    restored = TraceCounts(traces: answer.restored.traces, spans: answer.restored.spans)
    sent = TraceCounts(traces: answer.sent.traces.traces, spans: answer.sent.traces.spans)
    inFlight = TraceCounts(traces: answer.queued.traces, spans: answer.queued.spans)
    for counts in answer.filtered.values { filtered.add(counts) }
    for counts in answer.lost.values { lost.add(counts) }
    let rules = Set(answer.filtered.keys.map { String($0.prefix { $0 != " " }) })
    for (reason, counts) in answer.dropped {
      if reason.hasPrefix("sampling_") {
        sampled.add(counts)
      } else if answer.refused[reason] != nil {
        refused.add(counts)
      } else if !rules.contains(reason) {
        dropped.add(counts)
      }
    }
  }

  /// What has come since another one was made; in flight is what is so now.
  package func since(_ earlier: Ledger) -> Ledger {
    var difference = self
    for path in Self.sums { difference[keyPath: path].subtract(earlier[keyPath: path]) }
    difference.statistics = statistics.since(earlier.statistics)
    return difference
  }

  /// All but what is in flight, which is no sum.
  private static var sums: [WritableKeyPath<Ledger, TraceCounts>] {
    [\.received, \.restored, \.sent, \.sampled, \.filtered, \.refused, \.dropped, \.lost]
  }
}

/// The same of a whole minute.
package struct MinuteLedger: Sendable, Equatable, Codable {
  /// When it ended, in nanoseconds since 1970.
  @Timestamp package var endNs: Int64
  /// How long it was in nanoseconds: a minute, or more where the agent had nothing to do.
  package var lengthNs: UInt64
  /// What came in that minute.
  package var counts: Ledger

  /// A minute that has ended.
  package init(endNs: Int64, lengthNs: UInt64, counts: Ledger) {
    self.endNs = endNs
    self.lengthNs = lengthNs
    self.counts = counts
  }
}

extension MinuteLedger: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["endNs": "end"]
}

extension TraceCounts {
  fileprivate mutating func add(_ counts: LossCounts) {
    traces &+= counts.traces
    spans &+= counts.spans
  }

  /// Never less than nothing: what was in flight may have been counted twice for a moment.
  fileprivate mutating func subtract(_ other: TraceCounts) {
    traces = traces > other.traces ? traces - other.traces : 0
    spans = spans > other.spans ? spans - other.spans : 0
  }
}
