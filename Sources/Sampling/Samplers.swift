import Platform
import TraceModel

/// Decides for each chunk whether it is sent on. Shared by all receiving threads; locked once a request.
package final class Samplers: Sendable {
  private let agentEnv: [UInt8]
  private let state: Lock<SamplerSet>

  package init(configuration: SamplingConfiguration) {
    agentEnv = Array(configuration.agentEnv.utf8)
    state = Lock(SamplerSet(configuration))
  }

  /// The rates for tracers as they are now.
  package var publishedRates: PublishedRates { state.withLock { $0.priority.published } }

  /// Services that were forgotten because there were too many.
  package var catalogEvictions: UInt64 { state.withLock { $0.priority.catalog.evictions } }

  /// Traces a second that are aimed at, and traces with errors beyond them.
  package var targets: (traces: Double, errors: Double) { state.withLock { $0.targets } }

  /// Traces with rare spans that were kept, those beyond `tps`, and services whose kinds were merged; `nil` when the rare
  /// sampler is off.
  package var rareCounts: (hits: UInt64, misses: UInt64, shrinks: UInt64)? {
    state.withLock { $0.rareCounts }.map { ($0.hits, $0.misses, $0.shrinks) }
  }

  /// Aims at other numbers of traces from now on; rates follow in proportion until they are set anew.
  /// - Parameter nowSeconds: seconds since 1970.
  package func setTargets(targetTPS: Double, errorTPS: Double, nowSeconds: Int64) {
    state.withLock { $0.setTargets(targetTPS: targetTPS, errorTPS: errorTPS, nowSeconds: nowSeconds) }
  }

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
    _ batch: inout SpanBatch, _ state: inout SamplerSet, _ clientDroppedTraces: UInt64, _ nowSeconds: Int64
  ) -> SamplingCounts {
    var counts = SamplingCounts()
    // Chunks that were removed no longer share what the client dropped.
    var present = batch.chunks.count
    // Written now: the environment's bytes must not move while a sampler adds to the side arena.
    let env = batch.payload.env.isEmpty ? batch.addBytes(agentEnv) : batch.payload.env
    for index in 0..<batch.chunks.count {
      guard !batch.chunks[index].isRemoved else {
        present -= 1
        continue
      }
      let moment = SamplingMoment(
        env: env, droppedWeight: Double(clientDroppedTraces) / Double(max(present, 1)), nowSeconds: nowSeconds)
      let verdict = state.decide(&batch, index, moment)
      let part = state.part(of: &batch, index, verdict, moment)
      let chunk = batch.chunks[index]
      batch.chunks[index].isKept = part.isKept
      batch.chunks[index].verdict = UInt8(truncatingIfNeeded: part.rawValue)
      if part == verdict {
        counts.add(verdict, spans: Int(chunk.spans.count))
      } else {
        counts.add(part, spansSentAlone: Int(chunk.spansSentAlone), of: Int(chunk.spans.count), droppedBy: verdict)
      }
      if !part.isKept { present -= 1 }
    }
    return counts
  }
}
