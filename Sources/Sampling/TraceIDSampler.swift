/// Sampling by trace id, so that every agent and tracer that sees a part of a trace decides alike.
package enum TraceIDSampler {
  /// Knuth's multiplicative hash; the factor is fixed by the Datadog protocol.
  private static let factor: UInt64 = 1_111_111_111_111_111_111

  /// Whether a trace is kept at `rate`: 1 and above always, 0 and below never.
  package static func isKept(traceID: UInt64, rate: Double) -> Bool {
    if rate >= 1 { return true }
    guard rate > 0 else { return false }
    return traceID &* factor < UInt64(rate * 18_446_744_073_709_551_616)
  }
}
