import TraceModel

/// One step of processing, which runs over every chunk that no step before it has removed.
///
/// A step is a value: it holds its part of the configuration and its counts. What costs memory or belongs to several
/// steps lies in the `ProcessingContext`. A processor copies its steps when it is made, so a step needs no lock. Where a
/// step stands among the others says `ProcessingConfiguration.steps`.
package protocol ProcessingStep: Sendable {
  /// One lower-case word of its own, such as `normalize`, under which its counts are kept.
  var name: String { get }
  /// Why the step may remove traces; none unless it says so. The processor counts them.
  var removalReasons: [RemovalReason] { get }
  /// Spans that the step has repaired since it was made, by name, those with none among them.
  var repairs: [ProcessingCounts.Repair] { get }
  /// Texts of which patterns of the step's rules could not be told whether they match; none unless it has such rules.
  var undecided: [ProcessingCounts.Undecided] { get }

  /// Whether the step works on the groups of statistics that clients computed too, as if each were a trace of one span;
  /// false unless it says so.
  var worksOnStatistics: Bool { get }

  /// Looks at a request once, before all of its chunks; does nothing unless the step says so.
  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext)

  /// Works on one chunk, in place. The call is dynamic, once a chunk; what it calls for each span must not be.
  ///
  /// Returns one of `removalReasons` when the chunk goes no further, and `nil` when it does.
  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason?
}

extension ProcessingStep {
  package var removalReasons: [RemovalReason] { [] }
  package var repairs: [ProcessingCounts.Repair] { [] }
  package var worksOnStatistics: Bool { false }
  package var undecided: [ProcessingCounts.Undecided] { [] }
  package mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {}
}

/// Why a step removes a trace.
package struct RemovalReason: Hashable, Sendable {
  /// As `roost info` shows it under `dropped`; each has a row in docs/accounting.md.
  package let name: String
  /// The rule of the configuration that asks for it, as it is written there; `nil` where none does.
  package let rule: String?
  /// Whether the trace itself or a rule is the cause.
  package let removal: ChunkRemoval

  package init(_ name: String, _ removal: ChunkRemoval, rule: String? = nil) {
    self.name = name
    self.removal = removal
    self.rule = rule
  }
}
