import Compression
import TraceModel

/// Kept traces for the Datadog intake: what one receiving thread gathers in a `TraceWriter`.
package final class DatadogTraces: BatchOutput {
  /// Looks at what waits are so far apart, at most, while traces come; a payload leaves with the last look before its time
  /// is over.
  package static let lookPeriod = Duration.milliseconds(500)
  /// With nothing in it for so long, the memory is given back that only work needs. Tracers send about once a second.
  private static let quietNs: Int64 = 5_000_000_000

  package let kind = OutgoingPayload.Kind.traces
  package let selection = ChunkSelection.kept

  private var writer: TraceWriter
  private let flushPeriodNs: Int64
  /// When the first came of what is in the payload; `nil` while nothing is.
  private var firstNs: Int64?
  /// When something was last added or handed out.
  private var lastWorkNs: Int64

  /// - Parameters:
  ///   - flushPeriodNs: how long traces wait at most for others to share their payload.
  ///   - nowNs: when it begins.
  ///   - encodedChunks: gets each chunk as it was encoded.
  package init(
    identity: AgentIdentity, compression: PayloadCompression, flushPeriodNs: Int64, nowNs: Int64,
    encodedChunks: (any EncodedChunkReceiver)? = nil
  ) {
    writer = TraceWriter(identity: identity, compression: compression, encodedChunks: encodedChunks)
    self.flushPeriodNs = flushPeriodNs
    lastWorkNs = nowNs
  }

  package var pending: PayloadCounts { writer.pending }

  package func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
    let before = results.payloads.count
    let began = firstNs ?? nowNs
    do throws(TraceWriterError) {
      try writer.add(batch) { results.send($0.gathered(from: began, to: nowNs)) }
    } catch {
      results.lose(error.lost, of: kind, reason: "\(error.cause)")
    }
    lastWorkNs = nowNs
    // What is left after a payload became full has come now.
    firstNs = writer.isEmpty ? nil : results.payloads.count > before ? nowNs : began
  }

  package func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {
    guard let began = firstNs else {
      // A clock that was set back has waited long enough.
      if force || nowNs < lastWorkNs || nowNs &- lastWorkNs >= max(Self.quietNs, flushPeriodNs) { writer.release() }
      return
    }
    guard force || isDue(nowNs, began) else { return }
    firstNs = nil
    lastWorkNs = nowNs
    do throws(TraceWriterError) {
      if let payload = try writer.finish() { results.send(payload.gathered(from: began, to: nowNs)) }
    } catch {
      results.lose(error.lost, of: kind, reason: "\(error.cause)")
    }
  }

  /// Whether the next look would be too late. A clock that was set back must not make traces wait until it is where it was.
  private func isDue(_ nowNs: Int64, _ began: Int64) -> Bool {
    let lookNs = Self.lookPeriod.components.attoseconds / 1_000_000_000
    return nowNs < began || nowNs &- began &+ lookNs > flushPeriodNs
  }
}

extension OutgoingPayload {
  /// The same, with the time that the first of it has waited for others.
  fileprivate func gathered(from began: Int64, to nowNs: Int64) -> OutgoingPayload {
    var payload = self
    payload.gatheredFor = .nanoseconds(max(0, nowNs &- began))
    return payload
  }
}
