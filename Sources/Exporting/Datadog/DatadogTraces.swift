import Compression
import TraceModel

/// Kept traces for the Datadog intake: what one receiving thread gathers in a `TraceWriter`.
package final class DatadogTraces: BatchOutput {
  package let kind = OutgoingPayload.Kind.traces
  package let selection = ChunkSelection.kept

  private var writer: TraceWriter
  private let flushPeriodNs: Int64
  private var lastFlushNs: Int64

  /// - Parameters:
  ///   - flushPeriodNs: how long traces wait for others to share their payload.
  ///   - nowNs: when it begins.
  ///   - encodedChunks: gets each chunk as it was encoded.
  package init(
    identity: AgentIdentity, compression: PayloadCompression, flushPeriodNs: Int64, nowNs: Int64,
    encodedChunks: (any EncodedChunkReceiver)? = nil
  ) {
    writer = TraceWriter(identity: identity, compression: compression, encodedChunks: encodedChunks)
    self.flushPeriodNs = flushPeriodNs
    lastFlushNs = nowNs
  }

  package var pending: PayloadCounts { writer.pending }

  package func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
    let before = results.payloads.count
    do throws(TraceWriterError) {
      try writer.add(batch) { results.send($0) }
    } catch {
      results.lose(error.lost, of: kind, reason: "\(error.cause)")
    }
    if results.payloads.count > before { lastFlushNs = nowNs }
  }

  package func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {
    // A clock that was set back must not make traces wait until it is where it was.
    guard force || nowNs < lastFlushNs || nowNs &- lastFlushNs >= flushPeriodNs else { return }
    lastFlushNs = nowNs
    if writer.isEmpty { return writer.release() }
    do throws(TraceWriterError) {
      if let payload = try writer.finish() { results.send(payload) }
    } catch {
      results.lose(error.lost, of: kind, reason: "\(error.cause)")
    }
  }
}
