import TraceModel

/// Follows the decision that the tracer made, and reports to tracers at which rate to decide.
struct PrioritySampler: Sendable {
  private(set) var engine: RateEngine
  private(set) var catalog: ServiceCatalog
  private(set) var published = PublishedRates()
  private let agentEnv: String

  init(targetTPS: Double, extraRate: Double, catalogEntriesMax: Int, agentEnv: String) {
    engine = RateEngine(targetTPS: targetTPS, extraRate: extraRate)
    catalog = ServiceCatalog(entriesMax: catalogEntriesMax)
    self.agentEnv = agentEnv
  }

  /// Aims at another number of traces; tracers get the rates for that with the answer to their next payload.
  mutating func setTarget(_ targetTPS: Double, nowSeconds: Int64) {
    guard targetTPS != engine.targetTPS else { return }
    engine.setTarget(targetTPS)
    publish(nowSeconds: nowSeconds)
  }

  /// Whether the chunk is kept. Only automatic priorities count toward the rates: those of a user would not change.
  ///
  /// - Parameter droppedWeight: traces that the client dropped itself, this chunk's share of them.
  mutating func sample(
    _ batch: inout SpanBatch, chunk: ChunkRecord, env: UnsafeRawBufferPointer, droppedWeight: Double, nowSeconds: Int64
  ) -> Bool {
    let isKept = chunk.priority > 0
    guard chunk.priority == 0 || chunk.priority == 1 else { return isKept }
    let root = Int(chunk.root)
    let number = catalog.register(service: batch.bytes(batch.spans[root].service), env: env)
    let weight = Float(RootWeight.weight(batch, batch.spans[root]) + droppedWeight)
    if engine.count(number, weight: weight, nowSeconds: nowSeconds) {
      catalog.retain { engine.rates[$0] != nil }
      publish(nowSeconds: nowSeconds)
    }
    if isKept { noteRate(&batch, root: root, service: number) }
    return isKept
  }

  /// Old tracers do not say at which rate they sampled; the intake wants to know.
  private func noteRate(_ batch: inout SpanBatch, root: Int, service: UInt64) {
    let span = batch.spans[root]
    guard span.parentID == 0, !span.metricKeys.contains(.agentRate), !span.metricKeys.contains(.ruleRate),
      !span.metricKeys.contains(.priorityRate)
    else { return }
    batch.setMetric(.priorityRate, "_sampling_priority_rate_v1", engine.rate(service), ofSpanAt: root)
  }

  private mutating func publish(nowSeconds: Int64) {
    var rates: [String: Double] = [:]
    for entry in catalog.entries {
      guard let rate = engine.rates[entry.number] else { continue }
      rates["service:\(entry.service),env:\(entry.env)"] = rate * engine.extraRate
      if entry.env == agentEnv { rates["service:\(entry.service),env:"] = rate * engine.extraRate }
    }
    rates["service:,env:"] = engine.defaultRate
    _ = published.update(rates, nowSeconds: nowSeconds)
  }
}

/// How many traces a root stands for, by the rates that its client applied.
enum RootWeight {
  static func weight(_ batch: borrowing SpanBatch, _ root: SpanRecord) -> Double {
    // Processing has taken out what makes no sense, also together.
    ClientRates.weight((batch.metric(.sampleRate, of: root) ?? 1) * (batch.metric(.preSamplerRate, of: root) ?? 1))
  }
}
