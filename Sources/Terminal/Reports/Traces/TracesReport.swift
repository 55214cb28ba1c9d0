import Control
import Text
import Traces

/// The table of traces, for people.
package struct TracesReport: Sendable {
  /// The rows to print, in their order.
  package let answer: TracesAnswer
  private let time: LocalTime

  /// Takes the rows that `lines` prints, in their order.
  package init(_ answer: TracesAnswer, time: LocalTime) {
    self.answer = answer
    self.time = time
  }

  /// The table and what to know about it, line by line.
  package func lines(_ drawing: Drawing) -> [String] {
    table(isGrowing: false).lines(drawing) + notes.map { Style.faint.applied(to: $0, colors: drawing.colors) }
  }

  /// The rows of a table that goes on: columns are as wide as most rows need, so that later rows stand below them.
  package func growingLines(_ drawing: Drawing) -> [String] { table(isGrowing: true).lines(drawing) }

  private func table(isGrowing: Bool) -> Table {
    func width(_ columns: Int) -> Int { isGrowing ? columns : 0 }
    var table = Table([
      .init("TIME", .left, dropOrder: 4, widthMin: width(12)),
      .init("SERVICE", .left, isShrinkable: true, widthMin: width(12)),
      .init("RESOURCE", .left, isShrinkable: true, widthMin: width(30)), .init("DURATION"),
      .init("SPANS", dropOrder: 3), .init("SERVICES", .left, dropOrder: 6, isShrinkable: true, widthMin: width(16)),
      .init("ERR", dropOrder: 1), .init("STATUS", dropOrder: 2, widthMin: width(6)),
      .init("KEPT BY", .left, dropOrder: 5, widthMin: width(10)), .init("TRACE", .left),
    ])
    let digits = isGrowing ? 16 : idDigits
    for row in answer.rows { table.add(cells(row, idDigits: digits)) }
    return table
  }

  /// Hexadecimal digits that a row shows of its id's lower half: as many as lead to this trace among those of the table.
  private var idDigits: Int {
    let ids = answer.rows.map { TraceID.hex($0.id.low) }
    return [10, 13].first { digits in Set(ids.map { $0.prefix(digits) }).count == ids.count } ?? 16
  }

  private func cells(_ row: TraceSummary, idDigits: Int) -> [Table.Cell] {
    let failed: Style = row.errorCount > 0 ? .bad : .plain
    let services = row.services.prefix(12).map { safeText(shortened($0)) }.joined(separator: "→")
    return [
      .init(time.brief(row.startNs, now: answer.nowNs) + ahead(row), row.aheadNs == nil ? .faint : .warning),
      .init(safeText(shortened(row.rootService)), .ofService(row.rootService)),
      .init(safeText(shortened(row.rootResource)), failed),
      .init(HumanDuration.latency(UInt64(clamping: row.durationNs))),
      .init(HumanNumber.count(UInt64(clamping: row.spanCount))),
      .init(services + (row.services.count > 12 ? "→…" : "")),
      .init(row.errorCount > 0 ? HumanNumber.count(UInt64(clamping: row.errorCount)) : "–", failed),
      .init(safeText(shortened(row.statusCode)), row.statusCode.hasPrefix("5") ? .bad : .plain),
      .init(row.isKept ? safeText(row.keptBy) : "✗ " + safeText(row.keptBy), row.isKept ? .plain : .faint),
      .init(String(TraceID.hex(row.id.low).prefix(idDigits))),
    ]
  }

  /// By how much the clock is ahead that gave the row its time.
  private func ahead(_ row: TraceSummary) -> String {
    row.aheadNs.map { " +" + HumanDuration.uptime(UInt64(clamping: $0)) } ?? ""
  }

  /// What a time means that has not come yet; `nil` when there is none.
  package var clockNote: String? {
    answer.rows.lazy.compactMap(\.aheadNs).max().map {
      "+: clock ahead by \(HumanDuration.uptime(UInt64(clamping: $0))) where the trace was made; it stands where it arrived."
    }
  }

  /// How far a search came that ended early; `nil` for one that looked at everything.
  package var cutNote: String? {
    answer.searchedBackToNs.map {
      "Searched back to \(time.full($0)) only, to answer in time; a narrower query or --until reaches further back."
    }
  }

  /// Which threads' traces were not looked at; `nil` when all were.
  package var missingNote: String? { MissingThreads.note(onTraces: answer.missingThreads).map { $0 + "." } }

  private var notes: [String] {
    var notes = [clockNote].compactMap { $0 }
    if let cutNote { notes.append(cutNote) }
    if let thinned = answer.thinnedTraces {
      notes.append(
        "\(HumanNumber.count(thinned)) traces of this time were left out: more came at once than are kept: over local.db_spans_per_second, or faster than the disk writes."
      )
    }
    if let missingNote { notes.append(missingNote) }
    if answer.hasMore == true { notes.append("There are more; --limit shows more of them.") }
    return notes
  }
}

/// A text that is cut before it is looked at character by character: clients may send megabytes.
func shortened(_ text: String) -> String {
  text.utf8.count <= 2000 ? text : text.prefix(500) + "…" + text.suffix(200)
}
