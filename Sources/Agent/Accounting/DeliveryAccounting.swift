import Control
import Exporting
import Platform
import Synchronization

/// What was lost of the payloads that were handed to the forwarder, and of the statistics that never became any; and how many
/// statistics did.
final class DeliveryAccounting: Sendable {
  private let lost = Lock<[String: TrafficCounts]>([:])
  private let saturated = Atomic<UInt64>(0)
  private let made = Lock(PayloadCounts())
  private let restored = Lock(PayloadCounts())
  private let lossAt = Lock<ContinuousClock.Instant?>(nil)

  /// Counts one outcome, if it is a loss. The reasons of other kinds than traces begin with their name, as in
  /// `stats_queue_full`; there are no traces in them.
  func record(_ summary: OutgoingPayload.Summary, _ outcome: DeliveryOutcome) {
    let reason: String
    switch outcome {
    case .delivered, .retrying: return
    case .deliveredInPart(_, let rejectedSpans, _):
      if rejectedSpans > 0 {
        add(
          TrafficCounts(spans: UInt64(clamping: rejectedSpans)),
          as: summary.kind.lossName(DeliveryOutcome.partialSuccess))
      }
      return
    case .rejected(let status): reason = "intake_rejected_\(status)"
    case .dropped(let why): reason = why.rawValue
    }
    let counts = TrafficCounts(
      payloads: 1, bytes: UInt64(clamping: summary.bytes), traces: UInt64(clamping: summary.counts.traces),
      spans: UInt64(clamping: summary.counts.spans))
    add(counts, as: summary.kind.lossName(reason))
  }

  /// Counts traces that an output could not make a payload of.
  func record(_ loss: OutputResults.Loss) {
    let counts = TrafficCounts(
      payloads: 1, traces: UInt64(clamping: loss.counts.traces), spans: UInt64(clamping: loss.counts.spans))
    add(counts, as: loss.kind.lossName("encoding_error"))
  }

  /// Counts statistics that could not be encoded, as one payload.
  func recordEncodingError(of kind: OutgoingPayload.Kind) {
    add(TrafficCounts(payloads: 1), as: kind.lossName("encoding_error"))
  }

  /// Counts statistics that an earlier agent has left in a file and that mean nothing to this one, or cannot be read: as one
  /// payload for each file.
  func recordUnusable(_ reason: StatisticsCheckpoint.Unusable) {
    add(TrafficCounts(payloads: 1), as: OutgoingPayload.Kind.stats.lossName(reason.rawValue))
  }

  /// Counts statistics of this agent that became a payload.
  func recordMade(_ counts: PayloadCounts) { made.withLock { $0 += counts } }

  /// Counts statistics of an earlier agent that became a payload here: of its open buckets, or of requests in its journal.
  /// - Parameter destinations: so many take the payload, and each of them counts.
  func recordRestored(_ counts: PayloadCounts, destinations: Int) {
    restored.withLock { restored in
      for _ in 0..<destinations { restored += counts }
    }
  }

  /// Statistics of this agent that became payloads.
  var madeStatistics: PayloadCounts { made.withLock { $0 } }

  /// Those of earlier agents, at each destination, but for what they had left as payloads.
  var restoredStatistics: PayloadCounts { restored.withLock { $0 } }

  /// Counts sums of statistics that were too large for their field.
  func recordSaturatedSums(_ count: UInt64) {
    if count > 0 { saturated.add(count, ordering: .relaxed) }
  }

  /// Sums of statistics that were sent as the largest number there is.
  var saturatedSums: UInt64 { saturated.load(ordering: .relaxed) }

  private func add(_ counts: TrafficCounts, as reason: String) {
    lost.withLock { $0[reason, default: TrafficCounts()].add(counts) }
    lossAt.withLock { $0 = .now }
  }

  /// When something was last lost; `nil` when nothing was.
  var lastLossAt: ContinuousClock.Instant? { lossAt.withLock { $0 } }

  var lostByReason: [String: TrafficCounts] { lost.withLock { $0 } }
}
