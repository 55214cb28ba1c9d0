import Control
import Exporting
import Platform

/// What became of the payloads that were handed to the forwarder.
final class DeliveryBooks: Sendable {
  private let lost = Lock<[String: TrafficCounts]>([:])

  /// Books one outcome. Traces only: lost statistics are counted by the forwarder itself.
  func record(_ summary: OutgoingPayload.Summary, _ outcome: DeliveryOutcome) {
    let reason: String
    switch outcome {
    case .delivered, .retrying: return
    case .rejected(let status): reason = "intake_rejected_\(status)"
    case .dropped(let why): reason = why.rawValue
    }
    let prefix = summary.kind == .stats ? "stats_" : ""
    let counts = TrafficCounts(
      payloads: 1, bytes: UInt64(clamping: summary.bytes), traces: UInt64(clamping: summary.counts.traces),
      spans: UInt64(clamping: summary.counts.spans))
    lost.withLock { $0[prefix + reason, default: TrafficCounts()].add(counts) }
  }

  var lostByReason: [String: TrafficCounts] { lost.withLock { $0 } }
}
