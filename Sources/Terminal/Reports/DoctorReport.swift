import Diagnosis
import Text

/// What the doctor found, for people. The last line is the verdict.
package struct DoctorReport: Sendable {
  /// The findings, what follows from them, and what could not be checked.
  package let examination: Examination
  /// What it was found in.
  package let evidence: Evidence
  /// All diagnoses that were to be tried.
  package let table: [Diagnosis]

  /// Reports one examination. `table` is the one it was made with.
  package init(_ examination: Examination, _ evidence: Evidence, table: [Diagnosis] = DiagnosisTable.all) {
    self.examination = examination
    self.evidence = evidence
    self.table = table
  }

  /// Columns before a detail's text: the mark, an id and the gaps around them.
  private static let indent = String(repeating: " ", count: 10)

  /// Findings, then the checks (all of them when `verbose`, else their count), then the verdict.
  package func lines(_ drawing: Drawing, verbose: Bool) -> [String] {
    examination.findings.flatMap { lines($0, drawing) } + asides(drawing) + checkLines(drawing, verbose: verbose)
      + [verdictStyle.applied(to: verdict, colors: drawing.colors)]
  }

  /// How many findings have this severity; folded ones do not count.
  package func count(_ severity: Severity) -> Int { examination.findings.filter { $0.severity == severity }.count }

  private func lines(_ finding: Finding, _ drawing: Drawing) -> [String] {
    let mark = Self.mark(finding.severity)
    let heading = mark.text + " " + finding.id
    let consequences = (examination.consequences[finding.id] ?? [])
      .filter { $0.pid == finding.pid || $0.pid == nil || finding.pid == nil }
    return [mark.style.applied(to: heading, colors: drawing.colors) + "  " + safeText(finding.title)]
      + Self.block("because", finding.because, drawing) + Self.block("fix", finding.fix, drawing)
      + Self.block("hence", consequences.map { "\($0.id)  \($0.title)" }, drawing)
  }

  /// Lines of the log that were understood and are no fault: whoever gave it wants to know what they mean.
  private func asides(_ drawing: Drawing) -> [String] {
    evidence.log.filter(\.isAside).prefix(Self.asidesMax).flatMap { line in
      [Self.mark(.note).style.applied(to: Self.mark(.note).text, colors: drawing.colors) + " " + safeText(line.quote)]
        + Self.block("means", [line.meaning], drawing)
    }
  }

  /// More lines without a fault hide the findings.
  private static let asidesMax = 5

  /// `name` stands before the first line only.
  private static func block(_ name: String, _ lines: [String], _ drawing: Drawing) -> [String] {
    let width = "because".count + 2
    return lines.enumerated().map { index, line in
      let label = index == 0 ? name : ""
      let padding = String(repeating: " ", count: width - label.count)
      return indent + Style.faint.applied(to: label, colors: drawing.colors) + padding + safeText(line)
    }
  }

  /// The sign before a finding's id.
  private static func mark(_ severity: Severity) -> (text: String, style: Style) {
    switch severity {
    case .problem: ("✗", .bad)
    case .warning: ("!", .warning)
    case .note: ("·", .faint)
    }
  }

  private func checkLines(_ drawing: Drawing, verbose: Bool) -> [String] {
    let found = Set(examination.findings.map(\.id) + examination.consequences.values.joined().map(\.id))
    let skipped = Set(examination.notChecked.map(\.id))
    let passed = table.filter { !found.contains($0.id) && !skipped.contains($0.id) }
    if verbose {
      return passed.map {
        Style.good.applied(to: "✓", colors: drawing.colors) + " \($0.id)  \(safeText($0.passed(evidence)))"
      }
        + examination.notChecked.map { skipLine($0, drawing) }
    }
    // What the evidence lacks limits what all checks are worth, so it is reported without being asked for.
    let blind = evidence.notChecked.prefix(3).map { skipLine(($0.what, $0.why), drawing) }
    let others = examination.notChecked.count - blind.count
    let more = others > 0 ? ", \(others) \(blind.isEmpty ? "" : "more ")not made" : ""
    return blind + ["  \(passed.count) checks passed\(more) (roost doctor -v lists them)"]
  }

  private func skipLine(_ skipped: (id: String, why: String), _ drawing: Drawing) -> String {
    let name = table.first { $0.id == skipped.id }.map { "  \($0.name)" } ?? ""
    return Style.warning.applied(to: "–", colors: drawing.colors)
      + " \(safeText(skipped.id))\(name): not checked, \(safeText(skipped.why))"
  }
}
