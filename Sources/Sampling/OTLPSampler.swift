import TraceModel

/// Gives traces that came as OTLP a priority, which OpenTelemetry has none for: a part of them is kept, by their ids.
///
/// The priority that an attribute `sampling.priority` asks for goes before that. Where a part of all traces is kept by
/// their ids anyway, that sampler is left to decide.
package struct OTLPSampler: Sendable {
  private let rate: Double
  private let rateText: [UInt8]
  private let leavesItToProbability: Bool

  /// - Parameters:
  ///   - percentage: of the traces without a priority that are kept; all of them where it is not between 0 and 100.
  ///   - leavesItToProbability: whether `SamplingConfiguration.probabilistic` is on.
  package init(percentage: Double = 100, leavesItToProbability: Bool = false) {
    rate = percentage > 0 && percentage < 100 ? percentage / 100 : 1
    let hundredths = Int((rate * 100).rounded(.toNearestOrEven))
    rateText = Array("\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)".utf8)
    self.leavesItToProbability = leavesItToProbability
  }

  /// Decides about every chunk of a batch that was decoded from OTLP, before it is processed.
  package func setPriorities(of batch: inout SpanBatch) {
    guard !batch.chunks.isEmpty else { return }
    var tag = TypedAttribute()
    tag.key = batch.addText("_dd.otlp_sr")
    tag.value = .string(batch.addBytes(rateText))
    let texts = leavesItToProbability ? nil : Texts(&batch)
    for index in 0..<batch.chunks.count {
      let place = batch.typedAttributes.count
      batch.typedAttributes.append(tag)
      batch.chunks[index].attributes = IndexRange(start: place, end: place + 1)
      if let texts { setPriority(of: &batch, chunk: index, texts) }
    }
  }

  /// What chunks and their first spans say of the decision, written once a batch.
  private struct Texts {
    let key: ByteSlice
    let automatic: ByteSlice
    let asked: ByteSlice

    init(_ batch: inout SpanBatch) {
      key = batch.addText("_dd.p.dm")
      automatic = batch.addText("-9")
      asked = batch.addText("-4")
    }
  }

  private func setPriority(of batch: inout SpanBatch, chunk index: Int, _ texts: Texts) {
    let first = batch.chunks[index].spans.range.lowerBound
    let asked = askedPriority(batch, batch.chunks[index])
    batch.chunks[index].priority =
      asked ?? (TraceIDSampler.isKept(traceID: batch.spans[first].traceID, rate: rate) ? 1 : 0)
    guard batch.chunks[index].priority > 0 else { return }
    let mechanism = asked == nil ? texts.automatic : texts.asked
    batch.chunks[index].decisionMaker = mechanism
    batch.setMeta(.decisionMaker, texts.key, mechanism, ofSpanAt: first)
  }

  /// Of the last span that asks for one.
  private func askedPriority(_ batch: borrowing SpanBatch, _ chunk: ChunkRecord) -> Int32? {
    var asked: Int32?
    for index in chunk.spans.range {
      guard let value = batch.metric(.samplingPriority, of: batch.spans[index]), value.isFinite else { continue }
      // Priorities are 8 bits wide inside the Datadog agent; larger ones wrap there and so here.
      asked = Int32(Int8(truncatingIfNeeded: Int64(max(min(value, 2_147_483_647), -2_147_483_648))))
    }
    return asked
  }
}
