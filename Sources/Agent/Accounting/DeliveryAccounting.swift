import Control
import Exporting
import Platform

/// What was lost of the payloads that were handed to the forwarder, and of the statistics that never became any.
final class DeliveryAccounting: Sendable {
  private let lost = Lock<[String: TrafficCounts]>([:])
  private let refusal = Lock<Int?>(nil)

  /// Counts one outcome, if it is a loss. The reasons of other kinds than traces begin with their name, as in
  /// `stats_queue_full`; there are no traces in them.
  func record(_ summary: OutgoingPayload.Summary, _ outcome: DeliveryOutcome) {
    let reason: String
    switch outcome {
    case .delivered, .retrying: return
    case .rejected(let status):
      reason = "intake_rejected_\(status)"
      refusal.withLock { $0 = Int(status) }
    case .dropped(let why): reason = why.rawValue
    }
    let counts = TrafficCounts(
      payloads: 1, bytes: UInt64(clamping: summary.bytes), traces: UInt64(clamping: summary.counts.traces),
      spans: UInt64(clamping: summary.counts.spans))
    lost.withLock { $0[summary.kind.lossName(reason), default: TrafficCounts()].add(counts) }
  }

  /// Counts statistics that could not be encoded, as one payload.
  func recordEncodingError(of kind: OutgoingPayload.Kind) {
    lost.withLock { $0[kind.lossName("encoding_error"), default: TrafficCounts()].add(TrafficCounts(payloads: 1)) }
  }

  /// Status of the intake's last refusal; `nil` when it refused nothing.
  var lastRefusal: Int? { refusal.withLock { $0 } }

  var lostByReason: [String: TrafficCounts] { lost.withLock { $0 } }
}
