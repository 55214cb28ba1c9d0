import Platform
import TraceModel

/// How many traces are kept.
package struct SamplingConfiguration: Sendable {
  /// Traces a second with automatic priority, and as many without priority.
  package var targetTPS = 10.0
  /// Traces a second with errors that are kept beyond that; 0 turns it off.
  package var errorTPS = 10.0
  package var extraRate = 1.0
  package var catalogEntriesMax = 5_000
  package var agentEnv = "none"
  /// Feature `error_rare_sample_tracer_drop`: traces that a rule or rate of the tracer dropped are looked at as well;
  /// only those that a person dropped by hand (`_dd.p.dm` is `-4`) are not.
  package var looksAtTracerDrops = false

  package init() {}
}

/// Decides for each chunk whether it is sent on. Shared by all receiving threads; locked once a request.
package final class Samplers: Sendable {
  private struct State: ~Copyable {
    var priority: PrioritySampler
    var errors: ScoreSampler
    var noPriority: ScoreSampler
    var signature = TraceSignature()
  }

  private let configuration: SamplingConfiguration
  private let state: Lock<State>

  package init(configuration: SamplingConfiguration) {
    self.configuration = configuration
    state = Lock(
      State(
        priority: PrioritySampler(
          targetTPS: configuration.targetTPS, extraRate: configuration.extraRate,
          catalogEntriesMax: configuration.catalogEntriesMax, agentEnv: configuration.agentEnv),
        errors: ScoreSampler(targetTPS: configuration.errorTPS, extraRate: configuration.extraRate),
        noPriority: ScoreSampler(targetTPS: configuration.targetTPS, extraRate: configuration.extraRate)))
  }

  /// The rates for tracers as they are now.
  package var publishedRates: PublishedRates { state.withLock { $0.priority.published } }

  /// Services that were forgotten because there were too many.
  package var catalogEvictions: UInt64 { state.withLock { $0.priority.catalog.evictions } }

  /// Sets `isKept` on every chunk that processing did not remove.
  ///
  /// - Parameters:
  ///   - clientDroppedTraces: what the client dropped before sending (`Datadog-Client-Dropped-P0-Traces`); it counts
  ///     toward the rates, shared evenly among the chunks that are still in the payload.
  ///   - nowSeconds: seconds since 1970.
  package func sample(_ batch: inout SpanBatch, clientDroppedTraces: UInt64, nowSeconds: Int64) -> SamplingResult {
    state.withLock { state in
      let counts = sample(&batch, &state, clientDroppedTraces, nowSeconds)
      return SamplingResult(counts: counts, ratesChanges: state.priority.published.changes)
    }
  }

  private func sample(
    _ batch: inout SpanBatch, _ state: inout State, _ clientDroppedTraces: UInt64, _ nowSeconds: Int64
  ) -> SamplingCounts {
    var counts = SamplingCounts()
    // Chunks that were removed no longer share what the client dropped.
    var present = batch.chunks.count
    // Written now: the environment's bytes must not move while a sampler adds to the side arena.
    let env = batch.payload.env.isEmpty ? batch.addBytes(Array(configuration.agentEnv.utf8)) : batch.payload.env
    for index in 0..<batch.chunks.count {
      let chunk = batch.chunks[index]
      if chunk.isRemoved {
        present -= 1
        continue
      }
      let droppedWeight = Double(clientDroppedTraces) / Double(max(present, 1))
      let verdict = decide(&batch, chunk, env, droppedWeight, nowSeconds, &state)
      batch.chunks[index].isKept = verdict.isKept
      batch.chunks[index].verdict = UInt8(truncatingIfNeeded: verdict.rawValue)
      if !verdict.isKept { present -= 1 }
      counts.add(verdict, spans: Int(chunk.spans.count))
    }
    return counts
  }

  private func decide(
    _ batch: inout SpanBatch, _ chunk: ChunkRecord, _ env: ByteSlice, _ droppedWeight: Double, _ nowSeconds: Int64,
    _ state: inout State
  ) -> SamplingVerdict {
    let hasPriority = chunk.priority != ChunkRecord.noPriority
    if hasPriority, chunk.priority < 0, isFinalDrop(batch, chunk) { return .droppedByUser }
    if hasPriority {
      if state.priority.sample(
        &batch, chunk: chunk, env: batch.bytes(env), droppedWeight: droppedWeight, nowSeconds: nowSeconds)
      {
        return .keptByPriority
      }
    } else if let rate = score(batch, chunk, env, nowSeconds, &state.noPriority, &state.signature) {
      batch.setMetric(.noPriorityRate, "_dd.no_p_sr", rate, ofSpanAt: Int(chunk.root))
      return .keptWithoutPriority
    }
    if chunk.spans.range.contains(where: { batch.spans[$0].error != 0 }),
      let rate = score(batch, chunk, env, nowSeconds, &state.errors, &state.signature)
    {
      batch.setMetric(.errorsRate, "_dd.errors_sr", rate, ofSpanAt: Int(chunk.root))
      return .keptForError
    }
    return hasPriority ? .droppedByPriority : .droppedWithoutPriority
  }

  private func isFinalDrop(_ batch: borrowing SpanBatch, _ chunk: ChunkRecord) -> Bool {
    guard configuration.looksAtTracerDrops else { return true }
    return chunk.priority == -1 && batch.equal(chunk.decisionMaker, "-4")
  }

  private func score(
    _ batch: borrowing SpanBatch, _ chunk: ChunkRecord, _ env: ByteSlice, _ nowSeconds: Int64,
    _ sampler: inout ScoreSampler, _ signature: inout TraceSignature
  ) -> Double? {
    let root = batch.spans[Int(chunk.root)]
    return sampler.sample(
      signature: signature.signature(batch, chunk: chunk, env: batch.bytes(env)), traceID: root.traceID,
      weight: RootWeight.weight(batch, root), clientRate: batch.metric(.sampleRate, of: root), nowSeconds: nowSeconds)
  }
}
