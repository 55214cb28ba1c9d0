import Compression

/// Kept traces for the Datadog intake: what one receiving thread gathers in a `TraceWriter`.
package typealias DatadogTraces = GatheredTraces<TraceWriter>

extension GatheredTraces where Writer == TraceWriter {
  /// - Parameters:
  ///   - flushPeriodNs: how long traces wait at most for others to share their payload.
  ///   - nowNs: when it begins.
  ///   - encodedChunks: gets each chunk as it was encoded.
  package convenience init(
    identity: AgentIdentity, compression: PayloadCompression, flushPeriodNs: Int64, nowNs: Int64,
    encodedChunks: (any EncodedChunkReceiver)? = nil
  ) {
    self.init(
      .traces, TraceWriter(identity: identity, compression: compression, encodedChunks: encodedChunks),
      flushPeriodNs: flushPeriodNs, nowNs: nowNs)
  }
}
