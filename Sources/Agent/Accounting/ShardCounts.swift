import Control
import Processing
import Receiver
import Sampling

/// What one receiving thread counted. Merged over threads when somebody asks.
struct ShardCounts: Sendable {
  var received = TrafficCounts()
  var processing = ProcessingCounts()
  var sampling = SamplingCounts()
  /// Traces and spans that never came to processing, by reason.
  var dropped: [String: TrafficCounts] = [:]
  /// What was kept and lost before the forwarder had it, by reason.
  var lost: [String: TrafficCounts] = [:]
  /// Requests that were answered with an error, by reason.
  var refused: [String: UInt64] = [:]

  /// A request that carried `traces` traces, as its client says, was refused.
  mutating func refuse(_ reason: String, traces: UInt64, bytes: UInt64, losesTraces: Bool) {
    refused[reason, default: 0] &+= 1
    guard losesTraces else { return }
    received.payloads &+= 1
    received.bytes &+= bytes
    received.traces &+= traces
    drop(reason, TrafficCounts(payloads: 1, bytes: bytes, traces: traces))
  }

  mutating func drop(_ reason: String, _ counts: TrafficCounts) {
    dropped[reason, default: TrafficCounts()].add(counts)
  }

  mutating func lose(_ reason: String, _ counts: TrafficCounts) {
    lost[reason, default: TrafficCounts()].add(counts)
  }

  mutating func add(_ other: ShardCounts) {
    received.add(other.received)
    processing.add(other.processing)
    sampling.add(other.sampling)
    for (reason, counts) in other.dropped { drop(reason, counts) }
    for (reason, counts) in other.lost { lose(reason, counts) }
    for (reason, count) in other.refused { refused[reason, default: 0] &+= count }
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
