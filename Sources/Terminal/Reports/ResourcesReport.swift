import Control
import Text

/// The table of resources, of one service or of all, for people.
package struct ResourcesReport: Sendable {
  /// The rows to print, and how many hits have none.
  package let answer: ResourcesAnswer
  private let showsShare: Bool
  private let showsTime: Bool
  private let marked: Set<String>

  /// Takes the rows that `lines` prints, in their order.
  /// - Parameters:
  ///   - showsShare: false where the rows are a choice of which no share of the time is known.
  ///   - showsTime: whether a line says which time the table covers.
  ///   - marked: services with an asterisk behind their name; whoever prints the table says what that means.
  package init(
    _ answer: ResourcesAnswer, showsShare: Bool = true, showsTime: Bool = false, marking marked: Set<String> = []
  ) {
    self.marked = marked
    self.answer = answer
    self.showsShare = showsShare
    self.showsTime = showsTime
  }

  /// The table and what to know about it, line by line.
  ///
  /// The service has a column where all of them were asked for; environment and operation, where rows differ in nothing
  /// else.
  package func lines(_ drawing: Drawing) -> [String] {
    let showsService = answer.service == nil
    let showsOperation = Set(answer.rows.map { [$0.service, $0.resource] }).count < answer.rows.count
    let showsEnv = Set(answer.rows.map(\.env)).count > 1
    var table = Table(
      (showsService ? [.init("SERVICE", .left)] : [])
        + [.init("RESOURCE", .left, isShrinkable: true)]
        + (showsOperation
          ? [.init("OPERATION", .left, dropOrder: 3, isShrinkable: true), .init("KIND", .left, dropOrder: 10)] : [])
        + (showsEnv ? [.init("ENV", .left, dropOrder: 2)] : [])
        + [
          .init("HITS"), .init("RATE", dropOrder: 9), .init("ERR"), .init("ERR%", dropOrder: 8), .init("P50"),
          .init("P75", dropOrder: 6), .init("P95", dropOrder: 1), .init("P99", dropOrder: 4),
          .init("MAX", dropOrder: 5),
        ] + (showsShare ? [.init("SHARE")] : []) + [.init("LAST", dropOrder: 7)])
    for row in answer.rows {
      let numbers = RowNumbers(
        hits: row.hits, errors: row.errors, ratePerSecond: row.ratePerSecond, latency: row.latency,
        lastSeenNs: row.lastSeenNs, nowNs: answer.nowNs)
      let names =
        (showsService ? [Table.Cell(safeText(row.service) + (marked.contains(row.service) ? " *" : ""))] : []) + [
          Table.Cell(safeText(row.resource))
        ]
      let operation =
        showsOperation ? [Table.Cell(safeText(row.operation)), Table.Cell(safeText(row.spanKind))] : []
      let env = showsEnv ? [envCell(row.env)] : []
      table.add(
        names + operation + env + [numbers.hits, numbers.rate, numbers.errors, numbers.errorShare] + numbers.quantiles
          + (showsShare ? [.init(HumanNumber.share(row.timeShare))] : []) + [numbers.age])
    }
    let notes =
      collapsedNote(answer.rows) + uncountedNote(answer.hitsWithoutRow)
      + missingThreadsNote(answer.covered?.missingThreads)
    return table.lines(drawing) + notes.map { Style.warning.applied(to: $0, colors: drawing.colors) }
      + coveredNote(showsTime ? answer.covered : nil, drawing)
  }
}
