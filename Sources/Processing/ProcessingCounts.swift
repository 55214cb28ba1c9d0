import TraceModel

/// What each step of processing has removed and repaired.
package struct ProcessingCounts: Sendable, Equatable {
  /// Traces that a step removed for one reason.
  package struct Removal: Sendable, Equatable {
    /// Name of the step, and why it removed them.
    package let step: String, reason: RemovalReason
    /// How many, and the spans in them.
    package var traces: UInt64 = 0, spans: UInt64 = 0
  }

  /// Spans in which a step repaired one kind of fault.
  package struct Repair: Sendable, Equatable {
    /// Name of the step, and the kind as `roost info` shows it under `malformed`; each has a row in docs/accounting.md.
    package let step: String, name: String
    /// Spans that were repaired in this way; a span with several faults counts for each.
    package var spans: UInt64

    package init(step: String, name: String, spans: UInt64) {
      self.step = step
      self.name = name
      self.spans = spans
    }
  }

  /// Texts of which it could not be told whether the pattern of a rule matches them, since that takes too long.
  package struct Undecided: Sendable, Equatable {
    /// Name of the step, and the rule as it is written in the configuration.
    package let step: String, rule: String
    /// How many; a text that stands in many spans of a request may count once.
    package var texts: UInt64

    package init(step: String, rule: String, texts: UInt64) {
      self.step = step
      self.rule = rule
      self.texts = texts
    }
  }

  /// In the order of the steps, those with none among them.
  package private(set) var removals: [Removal] = []
  package private(set) var repairs: [Repair] = []
  package private(set) var undecided: [Undecided] = []

  package init() {}

  init(removals: [Removal], repairs: [Repair], undecided: [Undecided]) {
    self.removals = removals
    self.repairs = repairs
    self.undecided = undecided
  }

  /// Adds the counts of another processor, which may have had other steps.
  package mutating func add(_ other: ProcessingCounts) {
    for removal in other.removals {
      if let row = removals.firstIndex(where: { $0.step == removal.step && $0.reason == removal.reason }) {
        removals[row].traces &+= removal.traces
        removals[row].spans &+= removal.spans
      } else {
        removals.append(removal)
      }
    }
    for repair in other.repairs {
      if let row = repairs.firstIndex(where: { $0.step == repair.step && $0.name == repair.name }) {
        repairs[row].spans &+= repair.spans
      } else {
        repairs.append(repair)
      }
    }
    for other in other.undecided {
      if let row = undecided.firstIndex(where: { $0.step == other.step && $0.rule == other.rule }) {
        undecided[row].texts &+= other.texts
      } else {
        undecided.append(other)
      }
    }
  }
}
