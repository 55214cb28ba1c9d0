import Diagnosis
import Text

/// The long text about one diagnosis.
package struct ExplainReport: Sendable {
  /// The diagnosis whose explanation is printed, with what shows it.
  package let diagnosis: Diagnosis

  /// Takes the diagnosis that `lines` prints at length.
  package init(_ diagnosis: Diagnosis) { self.diagnosis = diagnosis }

  /// Lines longer than this are hard to read, however wide the terminal is.
  private static let widthMax = 80

  /// Heading, paragraphs wrapped at the terminal's width, the lines of logs that it may be behind, and what else shows it.
  package func lines(_ drawing: Drawing) -> [String] {
    let width = min(drawing.width ?? Self.widthMax, Self.widthMax)
    let heading = Style.heading.applied(to: diagnosis.id, colors: drawing.colors)
    var lines = ["\(heading)  \(diagnosis.name) (\(diagnosis.severity.name))"]
    for paragraph in diagnosis.explanation.text.split(separator: "\n", omittingEmptySubsequences: true) {
      lines += [""] + String(paragraph).wrapped(width)
    }
    let shown = [
      ("What you may see", diagnosis.explanation.lines), ("What you may notice", diagnosis.explanation.signs),
    ]
    for (title, texts) in shown where !texts.isEmpty {
      lines += ["", Style.heading.applied(to: title, colors: drawing.colors)] + texts.map { "  " + $0 }
    }
    if diagnosis.systems.count == 1 { lines += ["", "Found out on \(diagnosis.systemNames) only."] }
    return lines
  }
}
