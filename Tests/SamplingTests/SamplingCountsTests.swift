import Testing

@testable import Sampling

@Suite struct SamplingCountsTests {
  @Test func `each verdict is counted at its own place, and adds up over threads`() {
    #expect(SamplingVerdict.allCases.map(\.rawValue) == Array(SamplingVerdict.allCases.indices))
    for verdict in SamplingVerdict.allCases {
      var counts = SamplingCounts()
      counts.add(verdict, spans: 3)
      counts.add(counts)
      for other in SamplingVerdict.allCases {
        #expect(counts.traces[other.rawValue] == (other == verdict ? 2 : 0))
        #expect(counts.spans[other.rawValue] == (other == verdict ? 6 : 0))
      }
    }
  }

  @Test func `verdicts keep the numbers that files have`() {
    #expect(SamplingVerdict.keptForError.rawValue == 2 && SamplingVerdict.droppedWithoutPriority.rawValue == 5)
  }

  @Test func `what is kept and what is dropped is told by the verdict's name`() {
    let kept = SamplingVerdict.allCases.filter(\.isKept).map(\.name)
    #expect(
      kept == ["priority", "no_priority", "errors", "rare", "probabilistic", "single_spans", "events"])
    let dropped = SamplingVerdict.allCases.filter { !$0.isKept }.map(\.name)
    #expect(dropped.allSatisfy { $0.hasPrefix("sampling_") } && Set(dropped).count == 5)
  }
}
