import Control

/// What became of the requests of one receiving thread. Merged over threads when somebody asks.
struct ShardCounts: Sendable {
  var received = TrafficCounts()
  /// Traces and spans that never came to processing, by reason.
  var dropped: [String: TrafficCounts] = [:]
  /// What was kept and lost before the forwarder had it, by reason.
  var lost: [String: TrafficCounts] = [:]
  /// Requests that were answered with an error, by reason.
  var refused: [String: UInt64] = [:]
  /// Numbers in headers that make no sense and were not believed, by what they were to say.
  var malformed: [String: UInt64] = [:]

  /// A request was refused.
  /// - Parameter traces: those lost with it, as its client says; `nil` for a request that was to bring none.
  mutating func refuse(_ reason: String, traces: UInt64?, bytes: UInt64) {
    refused[reason, default: 0] &+= 1
    guard let traces else { return }
    let counts = TrafficCounts(payloads: 1, bytes: bytes, traces: traces)
    received.add(counts)
    drop(reason, counts)
  }

  mutating func drop(_ reason: String, _ counts: TrafficCounts) {
    dropped[reason, default: TrafficCounts()].add(counts)
  }

  mutating func lose(_ reason: String, _ counts: TrafficCounts) {
    lost[reason, default: TrafficCounts()].add(counts)
  }

  mutating func add(_ other: ShardCounts) {
    received.add(other.received)
    for (reason, counts) in other.dropped { drop(reason, counts) }
    for (reason, counts) in other.lost { lose(reason, counts) }
    for (reason, count) in other.refused { refused[reason, default: 0] &+= count }
    for (name, count) in other.malformed { malformed[name, default: 0] &+= count }
  }
}

extension TrafficCounts {
  mutating func add(_ other: TrafficCounts) {
    payloads &+= other.payloads
    bytes &+= other.bytes
    traces &+= other.traces
    spans &+= other.spans
  }
}
