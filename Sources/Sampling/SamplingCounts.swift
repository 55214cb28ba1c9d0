/// What sampling decided for one chunk, and which sampler decided it.
///
/// The numbers are kept in files: a new one comes behind the others.
package enum SamplingVerdict: Int, CaseIterable, Sendable {
  case keptByPriority, keptWithoutPriority, keptForError
  case droppedByUser, droppedByPriority, droppedWithoutPriority
  case keptAsRare, keptByProbability
  /// The trace is dropped, and some of its spans are sent on alone.
  case keptForSingleSpans, keptForEvents
  case droppedByProbability, droppedWithoutError

  /// Whether the chunk, or a part of it, is sent on.
  package var isKept: Bool {
    switch self {
    case .keptByPriority, .keptWithoutPriority, .keptForError, .keptAsRare, .keptByProbability: true
    case .keptForSingleSpans, .keptForEvents: true
    case .droppedByUser, .droppedByPriority, .droppedWithoutPriority, .droppedByProbability, .droppedWithoutError: false
    }
  }

  /// The name under which the decision is counted in `roost info`.
  package var name: String {
    switch self {
    case .keptByPriority: "priority"
    case .keptWithoutPriority: "no_priority"
    case .keptForError: "errors"
    case .keptAsRare: "rare"
    case .keptByProbability: "probabilistic"
    case .keptForSingleSpans: "single_spans"
    case .keptForEvents: "events"
    case .droppedByUser: "sampling_user_drop"
    case .droppedByPriority: "sampling_auto_drop"
    case .droppedWithoutPriority: "sampling_no_priority"
    case .droppedByProbability: "sampling_probabilistic"
    case .droppedWithoutError: "sampling_error_tracking"
    }
  }
}

/// Traces and spans by sampling decision.
package struct SamplingCounts: Sendable {
  package private(set) var traces = InlineArray<12, UInt64>(repeating: 0)
  package private(set) var spans = InlineArray<12, UInt64>(repeating: 0)

  package init() {}

  mutating func add(_ verdict: SamplingVerdict, spans count: Int) {
    traces[verdict.rawValue] &+= 1
    spans[verdict.rawValue] &+= UInt64(count)
  }

  /// Counts a dropped trace of which some spans are sent on alone: it is among the kept ones, its other spans are not.
  mutating func add(_ verdict: SamplingVerdict, spansSentAlone count: Int, of all: Int, droppedBy drop: SamplingVerdict)
  {
    add(verdict, spans: count)
    spans[drop.rawValue] &+= UInt64(max(all - count, 0))
  }

  /// Adds the counts of another thread.
  package mutating func add(_ other: SamplingCounts) {
    for index in traces.indices {
      traces[index] &+= other.traces[index]
      spans[index] &+= other.spans[index]
    }
  }
}

/// What became of one batch.
package struct SamplingResult: Sendable {
  package var counts: SamplingCounts
  /// `PublishedRates.changes` after the batch: when it differs from what a caller has, so do the rates.
  package var ratesChanges: UInt64
}
