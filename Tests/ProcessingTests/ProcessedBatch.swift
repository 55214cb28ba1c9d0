import TestSpans
import TraceModel

@testable import Processing

/// Now, for these tests: a minute after the spans started.
let now = TestSpan.someTimeNs + 60_000_000_000

/// What becomes of traces that go through processing.
struct Processed {
  var batch: SeenBatch
  var counts: ProcessingCounts

  /// The only span of a payload of one.
  var span: SeenSpan { batch.spans[0] }

  /// Non-zero counters by name, as `name:count`, sorted.
  var repaired: [String] { counts.repairs.filter { $0.spans > 0 }.map { "\($0.name):\($0.spans)" }.sorted() }

  /// Non-zero counters of removed traces, as `reason:traces/spans`, sorted.
  var removed: [String] {
    counts.removals.filter { $0.traces > 0 }.map { "\($0.reason.name):\($0.traces)/\($0.spans)" }.sorted()
  }
}

func process(
  _ traces: [[TestSpan]], _ configuration: ProcessingConfiguration = ProcessingConfiguration(),
  steps: [any ProcessingStep]? = nil, language: String = "", clientComputedTopLevel: Bool = false,
  payloadEnv: String = ""
) throws -> Processed {
  try withBatch(traces) { batch in
    var processor = Processor(steps: steps ?? configuration.steps)
    batch.payload.languageName = batch.addBytes(Array(language.utf8))
    batch.payload.env = batch.addBytes(Array(payloadEnv.utf8))
    let facts = RequestFacts(
      nowNs: now, language: batch.payload.languageName, clientComputedTopLevel: clientComputedTopLevel)
    processor.process(&batch, facts)
    return Processed(batch: SeenBatch(batch), counts: processor.counts)
  }
}

func process(_ span: TestSpan) throws -> Processed { try process([[span]]) }
