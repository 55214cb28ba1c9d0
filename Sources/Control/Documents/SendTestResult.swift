import JSON

/// How far one test trace came.
package struct SendTestResult: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.send_test.v1"
  package static let memberNames = ["isFine": "ok"]

  /// One step on the trace's way.
  package struct Stage: Sendable, Equatable, Codable, NamedMembers {
    package static let memberNames = ["name": "stage"]

    /// Whether a stage succeeded, failed, or was left out on purpose.
    package enum Outcome: String, Sendable, Codable {
      case passed, failed
      /// Not gone, on purpose: the detail says why.
      case skipped
    }

    /// One of `connected`, `accepted`, `counted`, `kept`, `forwarded`.
    package var name: String
    /// Whether the trace came through.
    package var outcome: Outcome
    /// What was seen, or why not.
    package var detail: String

    /// A stage that is over.
    package init(_ name: String, _ outcome: Outcome, _ detail: String) {
      self.name = name
      self.outcome = outcome
      self.detail = detail
    }
  }

  /// No stage failed; skipped ones are fine.
  package private(set) var isFine = true
  /// Of the trace that was sent; a text, as the numbers of many JSON readers end at 2^53.
  package let traceID: String
  /// In the order in which they were decided.
  package private(set) var stages: [Stage] = []

  /// A result without stages, which counts as fine until one fails.
  package init(traceID: UInt64) { self.traceID = String(traceID) }

  /// Adds a stage that is over.
  package mutating func add(_ stage: Stage) {
    stages.append(stage)
    if stage.outcome == .failed { isFine = false }
  }
}
