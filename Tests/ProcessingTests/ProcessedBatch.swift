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
  var mended: [String] {
    SpanMalformation.allCases.filter { counts[$0] > 0 }.map { "\($0.rawValue):\(counts[$0])" }.sorted()
  }

  var refused: [String] {
    TraceDropReason.allCases.filter { counts[$0].traces > 0 }
      .map { "\($0.rawValue):\(counts[$0].traces)/\(counts[$0].spans)" }.sorted()
  }
}

func process(
  _ traces: [[TestSpan]], _ configuration: ProcessingConfiguration = ProcessingConfiguration(), language: String = "",
  clientComputedTopLevel: Bool = false, payloadEnv: String = ""
) throws -> Processed {
  try withBatch(traces) { batch in
    var processor = Processor(configuration: configuration)
    var counts = ProcessingCounts()
    batch.payload.languageName = batch.addBytes(Array(language.utf8))
    batch.payload.env = batch.addBytes(Array(payloadEnv.utf8))
    let facts = RequestFacts(
      nowNs: now, language: batch.payload.languageName, clientComputedTopLevel: clientComputedTopLevel)
    processor.process(&batch, facts, counts: &counts)
    return Processed(batch: SeenBatch(batch), counts: counts)
  }
}

func process(_ span: TestSpan) throws -> Processed { try process([[span]]) }
