import TraceModel

/// The rate at which the client sampled is sent on under the intake's own key; a client cannot set that key itself. Rates
/// that make no sense are taken out, so that no stage behind believes them.
struct ClientRateStep: ProcessingStep {
  /// What is wrong with a rate is counted under this name.
  static let invalidRate = "invalid_sample_rate"

  let name = "client_rate"
  private var invalidRates: UInt64 = 0

  var repairs: [ProcessingCounts.Repair] {
    [ProcessingCounts.Repair(step: name, name: Self.invalidRate, spans: invalidRates)]
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let root = Int(batch.chunks[chunk].root)
    let keys = batch.spans[root].metricKeys
    if keys.contains(.sampleRate) || keys.contains(.preSamplerRate) { removeSenselessRates(&batch, root: root) }
    if let rate = batch.metric(.sampleRate, of: batch.spans[root]), rate < 1 {
      batch.setMetric(.clientRate, "_dd1.sr.rcusr", rate, ofSpanAt: root)
    } else if keys.contains(.clientRate) {
      batch.removeMetric(.clientRate, ofSpanAt: root)
    }
    return nil
  }

  /// Both rates apply one after the other, so that each has to make sense, and both together.
  private mutating func removeSenselessRates(_ batch: inout SpanBatch, root: Int) {
    let sample = batch.metric(.sampleRate, of: batch.spans[root]) ?? 1
    let preSample = batch.metric(.preSamplerRate, of: batch.spans[root]) ?? 1
    if ClientRates.makesSense(sample), ClientRates.makesSense(preSample), ClientRates.makesSense(sample * preSample) {
      return
    }
    invalidRates &+= 1
    batch.removeMetric(.sampleRate, ofSpanAt: root)
    batch.removeMetric(.preSamplerRate, ofSpanAt: root)
  }
}
