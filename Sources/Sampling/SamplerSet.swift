import TraceModel

/// What a decision goes by besides the chunk.
struct SamplingMoment {
  /// Of the payload, or else the agent's.
  let env: ByteSlice
  /// Traces that the client dropped itself, this chunk's share of them.
  let droppedWeight: Double
  /// When the payload came, in seconds since 1970.
  let nowSeconds: Int64
}

/// All samplers, and the order in which they are asked, which is that of the Datadog agent.
struct SamplerSet: ~Copyable {
  private(set) var priority: PrioritySampler
  private var errors: ScoreSampler
  private var noPriority: ScoreSampler
  private var rare: RareSampler?
  private let probabilistic: ProbabilisticSampler?
  private var events: EventExtraction
  private var signature = TraceSignature()
  private let configuration: SamplingConfiguration

  init(_ configuration: SamplingConfiguration) {
    self.configuration = configuration
    priority = PrioritySampler(
      targetTPS: configuration.targetTPS, extraRate: configuration.extraRate,
      catalogEntriesMax: configuration.catalogEntriesMax, agentEnv: configuration.agentEnv)
    errors = ScoreSampler(targetTPS: configuration.errorTPS, extraRate: configuration.extraRate)
    noPriority = ScoreSampler(targetTPS: configuration.targetTPS, extraRate: configuration.extraRate)
    rare = configuration.rare.map { RareSampler($0) }
    probabilistic = configuration.probabilistic.map { ProbabilisticSampler($0) }
    events = EventExtraction(configuration.events)
  }

  /// What the rare sampler found; nil when it is off.
  var rareCounts: RareSampler.Counts? { rare?.counts }

  /// Traces a second that are aimed at, and traces with errors beyond them.
  var targets: (traces: Double, errors: Double) { (priority.engine.targetTPS, errors.engine.targetTPS) }

  mutating func setTargets(targetTPS: Double, errorTPS: Double, nowSeconds: Int64) {
    priority.setTarget(targetTPS, nowSeconds: nowSeconds)
    noPriority.setTarget(targetTPS)
    errors.setTarget(errorTPS)
  }

  /// Whether the whole chunk is kept, and by which sampler.
  mutating func decide(_ batch: inout SpanBatch, _ index: Int, _ moment: SamplingMoment) -> SamplingVerdict {
    let chunk = batch.chunks[index]
    if configuration.keepsErrorsOnly { return decideByErrorsAlone(&batch, index, moment) }
    // Also for what others keep, so that it knows what is not rare.
    let isRare = rare?.sample(&batch, chunk, env: moment.env, nowSeconds: moment.nowSeconds) ?? false
    if let probabilistic { return decide(by: probabilistic, &batch, index, isRare: isRare, moment) }
    let hasPriority = chunk.priority != ChunkRecord.noPriority
    if hasPriority, chunk.priority < 0, isFinalDrop(batch, chunk) { return .droppedByUser }
    if isRare { return .keptAsRare }
    if hasPriority {
      if priority.sample(
        &batch, chunk: chunk, env: batch.bytes(moment.env), droppedWeight: moment.droppedWeight,
        nowSeconds: moment.nowSeconds)
      {
        return .keptByPriority
      }
    } else if let rate = Self.score(batch, chunk, moment, &noPriority, &signature) {
      batch.setMetric(.noPriorityRate, "_dd.no_p_sr", rate, ofSpanAt: Int(chunk.root))
      return .keptWithoutPriority
    }
    if isKeptForError(&batch, chunk, moment) { return .keptForError }
    return hasPriority ? .droppedByPriority : .droppedWithoutPriority
  }

  /// What is sent on of a chunk that `decide` has decided about: other than its verdict only where it dropped the trace and
  /// there are spans to send on alone.
  mutating func part(
    of batch: inout SpanBatch, _ index: Int, _ verdict: SamplingVerdict, _ moment: SamplingMoment
  ) -> SamplingVerdict {
    guard !configuration.keepsErrorsOnly else { return verdict }
    let chunk = batch.chunks[index]
    let eventCount = verdict == .droppedByUser ? 0 : events.mark(&batch, chunk, nowSeconds: moment.nowSeconds)
    guard !verdict.isKept else { return verdict }
    let singleCount = SingleSpanSampling.mark(&batch, chunk)
    guard singleCount > 0 || eventCount > 0 else { return verdict }
    batch.chunks[index].sentPart = singleCount > 0 ? .singleSpans : .events
    batch.chunks[index].spansSentAlone = singleCount > 0 ? singleCount : eventCount
    return singleCount > 0 ? .keptForSingleSpans : .keptForEvents
  }

  /// By a part of all ids; the tracers' own decisions do not count.
  private mutating func decide(
    by sampler: ProbabilisticSampler, _ batch: inout SpanBatch, _ index: Int, isRare: Bool, _ moment: SamplingMoment
  ) -> SamplingVerdict {
    let chunk = batch.chunks[index]
    let verdict: SamplingVerdict
    if isRare {
      verdict = .keptAsRare
    } else if sampler.isKept(batch, chunk) {
      verdict = .keptByProbability
      batch.chunks[index].decisionMaker = batch.addText("-9")
      batch.setMetric(.probabilityRate, "_dd.prob_sr", sampler.rate, ofSpanAt: Int(chunk.root))
    } else if isKeptForError(&batch, chunk, moment) {
      verdict = .keptForError
    } else {
      verdict = .droppedByProbability
    }
    // In v1.0 the mechanism says it, and the tracer's priority stays.
    if !batch.isIndexed { batch.chunks[index].priority = verdict.isKept ? 1 : 0 }
    return verdict
  }

  private mutating func decideByErrorsAlone(
    _ batch: inout SpanBatch, _ index: Int, _ moment: SamplingMoment
  ) -> SamplingVerdict {
    let chunk = batch.chunks[index]
    let hasError = chunk.spans.range.contains { place in
      if batch.spans[place].error != 0 { return true }
      guard let text = batch.meta(.hasException, of: batch.spans[place]) else { return false }
      return batch.equal(text, "true")
    }
    guard hasError else { return .droppedWithoutError }
    batch.addAttribute("_dd.error_tracking_standalone.error", "true", ofChunkAt: index)
    guard let rate = Self.score(batch, chunk, moment, &errors, &signature) else { return .droppedWithoutError }
    batch.setMetric(.errorsRate, "_dd.errors_sr", rate, ofSpanAt: Int(chunk.root))
    return .keptForError
  }

  private mutating func isKeptForError(
    _ batch: inout SpanBatch, _ chunk: ChunkRecord, _ moment: SamplingMoment
  ) -> Bool {
    guard chunk.spans.range.contains(where: { batch.spans[$0].error != 0 }),
      let rate = Self.score(batch, chunk, moment, &errors, &signature)
    else { return false }
    batch.setMetric(.errorsRate, "_dd.errors_sr", rate, ofSpanAt: Int(chunk.root))
    return true
  }

  private func isFinalDrop(_ batch: borrowing SpanBatch, _ chunk: ChunkRecord) -> Bool {
    guard configuration.looksAtTracerDrops else { return true }
    return chunk.priority == -1 && batch.equal(chunk.decisionMaker, "-4")
  }

  private static func score(
    _ batch: borrowing SpanBatch, _ chunk: ChunkRecord, _ moment: SamplingMoment, _ sampler: inout ScoreSampler,
    _ signature: inout TraceSignature
  ) -> Double? {
    let root = batch.spans[Int(chunk.root)]
    return sampler.sample(
      signature: signature.signature(batch, chunk: chunk, env: batch.bytes(moment.env)), traceID: root.traceID,
      weight: RootWeight.weight(batch, root), clientRate: batch.metric(.sampleRate, of: root),
      nowSeconds: moment.nowSeconds)
  }
}
