import Control
import Text
import Traces

/// What stands above a trace's tree: which one it is, what it comes to, and what is odd about it.
struct TraceHeading {
  private let answer: TraceAnswer
  private let tree: TraceTree
  private let time: LocalTime
  private let decision: String?

  /// - Parameter decision: see `TraceReport`.
  init(_ answer: TraceAnswer, _ tree: TraceTree, _ time: LocalTime, decision: String?) {
    self.answer = answer
    self.tree = tree
    self.time = time
    self.decision = decision
  }

  func lines(_ drawing: Drawing) -> [String] {
    let summary = TraceSummary(answer.trace)
    let of = "  of " + safeText(shortened(summary.rootService))
    let width = drawing.width.map { max(8, $0 - of.displayWidth) }
    let resource = safeText(shortened(summary.rootResource))
    let title = (width.map(resource.truncatedInMiddle) ?? resource) + of
    var lines = [Style.heading.applied(to: title.fittingLine(drawing.width), colors: drawing.colors)]
    lines += facts(summary).wrappedFacts(drawing.width)
    if answer.isSearchCut { lines.append(note(TraceReport.searchCutNote, drawing)) }
    if let missing = MissingThreads.note(onTraces: answer.missingThreads) { lines.append(note(missing, drawing)) }
    if answer.leftOutSpans > 0 {
      lines.append(
        note("the last \(HumanNumber.count(UInt64(answer.leftOutSpans))) spans are left out: too large", drawing))
    }
    return lines + tree.notes.map { note($0, drawing) } + [""]
  }

  private func facts(_ summary: TraceSummary) -> [String] {
    let verdict = summary.keptBy.isEmpty ? "" : " by \(safeText(summary.keptBy))"
    let names = tree.services
    let services = names.prefix(8).map { safeText(shortened($0)) }.joined(separator: " → ")
    let facts = [
      "trace \(summary.id.hex)", time.full(tree.startNs), HumanDuration.latency(UInt64(clamping: tree.durationNs)),
      count(summary.spanCount, "span"), services + (names.count > 8 ? " → …" : ""),
      summary.env.isEmpty ? "" : "env \(safeText(shortened(summary.env)))",
      summary.statusCode.isEmpty ? "" : "status \(safeText(shortened(summary.statusCode)))",
      summary.errorCount == 0 ? "" : count(summary.errorCount, "error"),
      decision ?? (summary.isKept ? "kept" : "dropped") + verdict,
    ]
    return facts.filter { !$0.isEmpty }
  }

  private func count(_ number: Int, _ name: String) -> String {
    "\(HumanNumber.count(UInt64(clamping: number))) \(name)\(number == 1 ? "" : "s")"
  }

  private func note(_ text: String, _ drawing: Drawing) -> String {
    Style.warning.applied(to: "! " + text.fittingLine(drawing.width.map { $0 - 2 }), colors: drawing.colors)
  }
}
