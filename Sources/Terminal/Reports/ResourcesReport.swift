import Control
import Text

/// The table of one service's resources, for people.
package struct ResourcesReport: Sendable {
  /// The rows to print, and how many hits have none.
  package let answer: ResourcesAnswer

  /// Takes the rows that `lines` prints, in their order.
  package init(_ answer: ResourcesAnswer) { self.answer = answer }

  /// The table and what to know about it, line by line.
  ///
  /// Environment and operation have columns only where rows differ in nothing else.
  package func lines(_ drawing: Drawing) -> [String] {
    let showsOperation = Set(answer.rows.map(\.resource)).count < answer.rows.count
    let showsEnv = Set(answer.rows.map(\.env)).count > 1
    var table = Table(
      [.init("RESOURCE", .left, isShrinkable: true)]
        + (showsOperation
          ? [.init("OPERATION", .left, dropOrder: 3, isShrinkable: true), .init("KIND", .left, dropOrder: 10)] : [])
        + (showsEnv ? [.init("ENV", .left, dropOrder: 2)] : [])
        + [
          .init("HITS"), .init("RATE", dropOrder: 9), .init("ERR"), .init("ERR%", dropOrder: 8), .init("P50"),
          .init("P75", dropOrder: 6), .init("P95", dropOrder: 1), .init("P99", dropOrder: 4),
          .init("MAX", dropOrder: 5),
          .init("SHARE"), .init("LAST", dropOrder: 7),
        ])
    for row in answer.rows {
      let numbers = RowNumbers(
        hits: row.hits, errors: row.errors, ratePerSecond: row.ratePerSecond, latency: row.latency,
        lastSeenNs: row.lastSeenNs, nowNs: answer.nowNs)
      let names = [Table.Cell(safeText(row.resource))]
      let operation =
        showsOperation ? [Table.Cell(safeText(row.operation)), Table.Cell(safeText(row.spanKind))] : []
      let env = showsEnv ? [envCell(row.env)] : []
      table.add(
        names + operation + env + [numbers.hits, numbers.rate, numbers.errors, numbers.errorShare] + numbers.quantiles
          + [.init(HumanNumber.share(row.timeShare)), numbers.age])
    }
    return table.lines(drawing)
      + uncountedNote(answer.hitsWithoutRow).map { Style.warning.applied(to: $0, colors: drawing.colors) }
  }
}
