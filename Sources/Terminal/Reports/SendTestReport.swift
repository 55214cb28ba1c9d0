<<<<<<< HEAD
import Control
=======
import JSON
import Text

/// How far one test trace came.
package struct SendTestReport: Sendable, Equatable {
  /// One step on the trace's way.
  package struct Stage: Sendable, Equatable {
    /// How a stage ended.
    package enum Outcome: String, Sendable {
      case passed, failed
      /// Not gone, on purpose: the detail says why.
      case skipped
    }

    /// `connected`, `accepted`, `counted`, `kept`, `forwarded`.
    package var name: String
    /// How it ended.
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

  /// Of the trace that was sent.
  package var traceID: UInt64
  /// In the order in which they were decided.
  package var stages: [Stage] = []

  /// Nothing has happened yet.
  package init(traceID: UInt64) { self.traceID = traceID }

  /// No stage failed; skipped ones are fine.
  package var isFine: Bool { !stages.contains { $0.outcome == .failed } }
>>>>>>> bfd6efe (One text target: numbers, durations, moments, safe text and near names stand below everything that shows them)

/// How far a test trace came, for people.
package enum SendTestReport {
  /// One stage as it is printed when it is done.
  package static func line(_ stage: SendTestResult.Stage, colors: Bool) -> String {
    let (mark, style): (String, Style) =
      switch stage.outcome {
      case .passed: ("✓", .good)
      case .failed: ("✗", .bad)
      case .skipped: ("–", .warning)
      }
    let padding = String(repeating: " ", count: max(0, 11 - stage.name.displayWidth))
    return style.applied(to: mark, colors: colors) + " " + stage.name + padding + safeText(stage.detail)
  }
}
