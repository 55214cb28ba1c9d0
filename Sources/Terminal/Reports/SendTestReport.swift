import Control
import Text

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
