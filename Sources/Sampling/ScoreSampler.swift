import TraceModel

/// Keeps a number of traces a second of each kind, where kinds are distinguished by `TraceSignature`.
///
/// Two of these run: one for traces with errors, one for traces without a priority.
struct ScoreSampler: Sendable {
  /// From this many signatures on, new ones share as many places, so that no flood of kinds can fill memory.
  static let signaturesMax = 100

  private(set) var engine: RateEngine
  private var allowed: Set<UInt64>?

  init(targetTPS: Double, extraRate: Double) {
    engine = RateEngine(targetTPS: targetTPS, extraRate: extraRate)
  }

  mutating func setTarget(_ targetTPS: Double) { engine.setTarget(targetTPS) }

  /// The rate at which the chunk is kept if it is, or `nil` when it is not.
  mutating func sample(
    signature: UInt64, traceID: UInt64, weight: Double, clientRate: Double?, nowSeconds: Int64
  ) -> Double? {
    guard engine.targetTPS > 0 else { return nil }
    let place = limited(signature)
    _ = engine.count(place, weight: Float(weight), nowSeconds: nowSeconds)
    let rate = engine.rate(place)
    return TraceIDSampler.isKept(traceID: traceID, rate: (clientRate ?? 1) * rate) ? rate : nil
  }

  private mutating func limited(_ signature: UInt64) -> UInt64 {
    guard engine.count >= Self.signaturesMax else {
      allowed = nil
      return signature
    }
    let known = allowed ?? Set(engine.rates.keys)
    allowed = known
    return known.contains(signature) ? signature : signature % UInt64(Self.signaturesMax)
  }
}
