import Control
import Text

/// The table of services, for people.
package struct ServicesReport: Sendable {
  /// The rows to print, and how many hits have none.
  package let answer: ServicesAnswer
  private let showsTime: Bool
  private let marked: Set<String>

  /// Takes the rows that `lines` prints, in their order.
  /// - Parameters:
  ///   - showsTime: whether a line says which time the table covers.
  ///   - marked: services with an asterisk behind their name; whoever prints the table says what that means.
  package init(_ answer: ServicesAnswer, showsTime: Bool = false, marking marked: Set<String> = []) {
    self.answer = answer
    self.showsTime = showsTime
    self.marked = marked
  }

  /// The table and what to know about it, line by line.
  package func lines(_ drawing: Drawing) -> [String] {
    var table = Table([
      .init("SERVICE", .left, isShrinkable: true), .init("ENV", .left), .init("TYPE", .left, dropOrder: 6),
      .init("HITS"), .init("RATE", dropOrder: 4), .init("ERR"), .init("ERR%", dropOrder: 5),
      .init("P50"), .init("P75", dropOrder: 8), .init("P95", dropOrder: 1), .init("P99", dropOrder: 2),
      .init("MAX", dropOrder: 7), .init("LAST", dropOrder: 3),
    ])
    for row in answer.rows {
      let numbers = RowNumbers(
        hits: row.hits, errors: row.errors, ratePerSecond: row.ratePerSecond, latency: row.latency,
        lastSeenNs: row.lastSeenNs, nowNs: answer.nowNs)
      table.add(
        [
          .init(safeText(row.service) + (marked.contains(row.service) ? " *" : "")), envCell(row.env),
          .init(safeText(row.type)), numbers.hits, numbers.rate,
          numbers.errors, numbers.errorShare,
        ] + numbers.quantiles + [numbers.age])
    }
    return table.lines(drawing) + notes.map { Style.warning.applied(to: $0, colors: drawing.colors) }
      + coveredNote(showsTime ? answer.covered : nil, drawing)
  }

  /// What keeps the table from being what it seems.
  private var notes: [String] {
    var services: [String] = []
    for row in answer.rows where hasNoEnv(row.env) && !services.contains(row.service) { services.append(row.service) }
    var notes =
      services.count <= 3
      ? services.map { "! \(safeText($0)) has no env (set DD_ENV)" }
      : ["! \(services.count) services have no env (set DD_ENV)"]
    notes += (answer.dropped.map { DroppedLines.services($0, nowNs: answer.nowNs) } ?? []).map {
      "! \($0); roost doctor says why"
    }
    notes += uncountedNote(answer.hitsWithoutRow) + missingThreadsNote(answer.covered?.missingThreads)
    return notes
  }
}
