import Processing
import TestSpans
import TraceModel

@testable import Sampling

/// Seconds since 1970, at the beginning of one of the engine's buckets.
let t0: Int64 = 1_750_000_000

/// What sampling made of a payload.
struct Sampled {
  var batch: SeenBatch
  var result: SamplingResult

  var kept: [Bool] { batch.chunks.map(\.isKept) }

  /// Decisions that were made, by name, with their number of traces.
  var verdicts: [String: UInt64] {
    var counted: [String: UInt64] = [:]
    for verdict in SamplingVerdict.allCases where result.counts.traces[verdict.rawValue] > 0 {
      counted[verdict.name] = result.counts.traces[verdict.rawValue]
    }
    return counted
  }
}

extension Samplers {
  convenience init(_ change: (inout SamplingConfiguration) -> Void = { _ in }) {
    var configuration = SamplingConfiguration()
    change(&configuration)
    self.init(configuration: configuration)
  }

  /// Takes traces through processing and sampling.
  func take(
    _ traces: [[TestSpan]], at seconds: Int64 = t0, dropped: UInt64 = 0, priority: Int32? = nil
  ) throws -> Sampled {
    try withBatch(traces) { batch in
      var processor = Processor(configuration: ProcessingConfiguration())
      processor.process(
        &batch, RequestFacts(nowNs: seconds * 1_000_000_000, language: .empty, clientComputedTopLevel: false))
      if let priority { for index in 0..<batch.chunks.count { batch.chunks[index].priority = priority } }
      let result = sample(&batch, clientDroppedTraces: dropped, nowSeconds: seconds)
      return Sampled(batch: SeenBatch(batch), result: result)
    }
  }
}

extension TestSpan {
  /// A root of trace `id` with a sampling priority, or with none.
  static func root(_ id: UInt64 = 1, priority: Double? = nil, service: String = "web", error: Int32 = 0) -> TestSpan {
    let span = TestSpan(id).with {
      $0.traceID = id
      $0.service = service
      $0.error = error
    }
    return priority.map { span.metric("_sampling_priority_v1", $0) } ?? span
  }
}
