import TraceModel

/// The rate at which the client sampled is sent on under the intake's own key; a client cannot set that key itself.
struct ClientRateStep: ProcessingStep {
  let name = "client_rate"

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let root = Int(batch.chunks[chunk].root)
    if let rate = batch.metric(.sampleRate, of: batch.spans[root]), rate < 1 {
      batch.setMetric(.clientRate, "_dd1.sr.rcusr", rate, ofSpanAt: root)
    } else if batch.spans[root].metricKeys.contains(.clientRate) {
      batch.removeMetric(.clientRate, ofSpanAt: root)
    }
    return nil
  }
}
