/// What sampling decided for one chunk, and which sampler decided it.
package enum SamplingVerdict: Int, CaseIterable, Sendable {
  case keptByPriority, keptWithoutPriority, keptForError
  case droppedByUser, droppedByPriority, droppedWithoutPriority

  /// Whether the chunk is sent on.
  package var isKept: Bool { rawValue <= SamplingVerdict.keptForError.rawValue }

  /// The name under which the decision is counted in `roost info`.
  package var name: String {
    switch self {
    case .keptByPriority: "priority"
    case .keptWithoutPriority: "no_priority"
    case .keptForError: "errors"
    case .droppedByUser: "sampling_user_drop"
    case .droppedByPriority: "sampling_auto_drop"
    case .droppedWithoutPriority: "sampling_no_priority"
    }
  }
}

/// Traces and spans by sampling decision.
package struct SamplingCounts: Sendable {
  package private(set) var traces = InlineArray<6, UInt64>(repeating: 0)
  package private(set) var spans = InlineArray<6, UInt64>(repeating: 0)

  package init() {}

  mutating func add(_ verdict: SamplingVerdict, spans count: Int) {
    traces[verdict.rawValue] &+= 1
    spans[verdict.rawValue] &+= UInt64(count)
  }

  /// Adds the counts of another thread.
  package mutating func add(_ other: SamplingCounts) {
    for index in 0..<6 {
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
