import Compression

/// Kept traces as OTLP: what one receiving thread gathers in an `OTLPWriter` for all destinations that want it compressed
/// alike.
package typealias OTLPTraces = GatheredTraces<OTLPWriter>

extension GatheredTraces where Writer == OTLPWriter {
  /// - Parameters:
  ///   - flushPeriodNs: how long traces wait at most for others to share their payload.
  ///   - nowNs: when it begins.
  package convenience init(
    identity: AgentIdentity, compression: PayloadCompression, flushPeriodNs: Int64, nowNs: Int64
  ) {
    self.init(
      .otlpTraces(compression), OTLPWriter(identity: identity, compression: compression),
      flushPeriodNs: flushPeriodNs, nowNs: nowNs)
  }
}
