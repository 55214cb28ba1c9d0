import Control
import Text
import Traces

/// One trace as a waterfall: its tree, and beside each span how long it took and when, on one time axis.
package struct TraceReport: Sendable {
  /// Lines of the tree at most, unless somebody asks for more.
  package static let rowsMax = 200

  /// What is said of a trace that may not be the one that fits best.
  package static let searchCutNote = "not all traces were looked at, to answer in time: another one may fit better"

  private let answer: TraceAnswer
  private let tree: TraceTree
  private let outline: TraceOutline
  private let isVerbose: Bool
  private let moreHint: String
  private let decision: String?
  private let time: LocalTime

  /// Takes the trace to draw.
  /// - Parameters:
  ///   - rowsMax: lines of the tree; what is left out then is said.
  ///   - isVerbose: whether all tags of each span are listed.
  ///   - moreHint: what shows more lines.
  ///   - decision: what was decided of it, where it is none of a store; `nil` tells whether and why it was kept.
  package init(
    _ answer: TraceAnswer, time: LocalTime, rowsMax: Int = Self.rowsMax, isVerbose: Bool = false,
    moreHint: String = "--limit N draws more lines", decision: String? = nil
  ) {
    self.answer = answer
    tree = TraceTree(answer.trace)
    outline = TraceOutline(tree, rowsMax: rowsMax)
    self.isVerbose = isVerbose
    self.moreHint = moreHint
    self.decision = decision
    self.time = time
  }

  /// The trace, line by line.
  package func lines(_ drawing: Drawing) -> [String] {
    var lines = TraceHeading(answer, tree, time, decision: decision).lines(drawing)
    let layout = WaterfallLayout(width: drawing.width, totalNs: tree.durationNs)
    if drawing.header { lines.append(layout.heading(drawing)) }
    let failures = tree.failures
    var guides = TreeGuides(widthMax: layout.textWidth / 2)
    for (place, row) in outline.rows.enumerated() {
      guides.enter(row)
      lines.append(line(row, guides, layout, drawing))
      guard case .span(let span) = row.content else { continue }
      let isAboveOthers = place + 1 < outline.rows.count && outline.rows[place + 1].depth > row.depth
      let details = SpanDetails(tree, span, failure: failures[span], isVerbose: isVerbose)
      lines += details.lines(indent: guides.below(isAboveOthers: isAboveOthers), drawing)
    }
    return lines
      + legend(layout).map { text in
        Style.faint.applied(to: text.fittingLine(drawing.width), colors: drawing.colors)
      }
  }

  /// What the signs mean that were drawn.
  private func legend(_ layout: WaterfallLayout) -> [String] {
    let hasBeside = outline.rows.contains { $0.content.shownSpan.map { !tree.isCritical[$0] } ?? false }
    let hasOrphan = outline.rows.contains { $0.content.shownSpan.map(tree.isOrphan) ?? false }
    let isCut = outline.rows.contains { if case .more = $0.content { true } else { false } }
    return
      (layout.barWidth > 0 && hasBeside
      ? ["█ critical path: the trace takes as long as these spans; ▒ beside it"] : [])
      + (hasOrphan ? [TraceTree.orphanMark + "the span above is not here"] : [])
      + (isCut ? ["… stands for spans that are left out; \(moreHint)"] : [])
  }

  private func line(
    _ row: TraceOutline.Row, _ guides: TreeGuides, _ layout: WaterfallLayout, _ drawing: Drawing
  ) -> String {
    var text = StyledLine(width: layout.textWidth)
    text.add(guides.text, .faint)
    switch row.content {
    case .span(let span):
      let shown = tree.trace.spans[span]
      if tree.isOrphan(span) { text.add(TraceTree.orphanMark, .faint) }
      if shown.isError { text.add("✗ ", .bad) }
      addService(of: span, to: &text)
      text.addMiddle(safeText(shortened(shown.title)), shown.isError ? .bad : .plain)
      return layout.line(
        text, ns: tree.times[span].durationNs, selfNs: tree.selfNs[span], bars: [tree.times[span]],
        isCritical: tree.isCritical[span], style: .ofService(shown.service), drawing)
    case .repeated(let repeated):
      let shown = tree.trace.spans[repeated.slowest]
      if tree.isOrphan(repeated.slowest) { text.add(TraceTree.orphanMark, .faint) }
      text.add("× \(HumanNumber.count(UInt64(repeated.spans.count))) ", .heading)
      addService(of: repeated.slowest, to: &text)
      let total = layout.isRoomy ? "  total \(HumanDuration.latency(UInt64(clamping: repeated.totalNs)))" : ""
      let mark = repeated.looksLikeNPlusOne ? "  ← N+1?" : ""
      text.addMiddle(
        safeText(shortened(shown.title(resource: repeated.resource))), reserve: (total + mark).displayWidth)
      text.add(total)
      text.add(mark, .warning)
      return layout.line(
        text, ns: layout.isRoomy ? nil : repeated.totalNs, selfNs: nil, bars: repeated.spans.map { tree.times[$0] },
        isCritical: repeated.spans.contains { tree.isCritical[$0] }, style: .ofService(shown.service), drawing)
    case .more(let count, let totalNs):
      let total = HumanDuration.latency(UInt64(clamping: totalNs))
      text.add("… \(HumanNumber.count(UInt64(clamping: count))) more, \(total)", .faint)
      return layout.line(text, ns: nil, selfNs: nil, bars: [], isCritical: false, style: .plain, drawing)
    }
  }

  /// The service's name, where the trace enters it.
  private func addService(of span: Int, to text: inout StyledLine) {
    let service = tree.trace.spans[span].service
    if tree.parents[span].map({ tree.trace.spans[$0].service }) == service { return }
    let name = safeText(shortened(service))
    text.add(name.truncatedInMiddle(to: max(8, text.left / 3)) + "  ", .ofService(service))
  }
}

extension String {
  /// The beginning that a line has place for, with `…` in place of the rest; `nil` sets no limit.
  func fittingLine(_ width: Int?) -> String {
    guard let width, displayWidth > width else { return self }
    return width > 0 ? fitting(width - 1) + "…" : ""
  }
}
