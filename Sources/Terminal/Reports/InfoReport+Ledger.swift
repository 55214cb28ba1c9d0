import Control
import Text

/// The section of `roost info` that says what became of all that came.
extension InfoReport {
  /// Rows with something in them, of the last minute and since the start; nothing before anything came.
  func ledgerLines(_ drawing: Drawing) -> [String] {
    let total = answer.ledger
    guard total.received.traces > 0 || total.restored.traces > 0 else { return [] }
    let minute = answer.lastMinute?.counts
    var table = Table([
      .init("LEDGER", .left), .init("TRACES, LAST MINUTE", dropOrder: 2), .init("SPANS", dropOrder: 3),
      .init("TRACES, SINCE START"), .init("SPANS", dropOrder: 1),
    ])
    for (name, path, style) in Self.ledgerRows {
      let (all, last) = (total[keyPath: path], minute?[keyPath: path])
      guard all.traces > 0 || all.spans > 0 || path == \.received || path == \.sent else { continue }
      table.add([
        .init(name, style), Self.cell(last?.traces), Self.cell(last?.spans), Self.cell(all.traces),
        Self.cell(all.spans),
      ])
    }
    return table.lines(drawing)
  }

  /// The same of groups of statistics; nothing where none were to be sent.
  func statisticsLedgerLines(_ drawing: Drawing) -> [String] {
    let total = answer.ledger.statistics
    guard total.made > 0 || total.restored > 0 else { return [] }
    let minute = answer.lastMinute?.counts.statistics
    var table = Table([
      .init("STATISTICS", .left), .init("GROUPS, LAST MINUTE", dropOrder: 1), .init("GROUPS, SINCE START"),
    ])
    let rows: [(String, KeyPath<StatisticsLedger, UInt64>, Style)] = [
      ("made", \.made, .plain), ("restored from disk", \.restored, .plain), ("sent", \.sent, .plain),
      ("lost", \.lost, .bad), ("in flight", \.inFlight, .plain),
    ]
    for (name, path, style) in rows where total[keyPath: path] > 0 || path == \.made || path == \.sent {
      table.add([.init(name, style), Self.cell(minute?[keyPath: path]), Self.cell(total[keyPath: path])])
    }
    return table.lines(drawing)
  }

  private static var ledgerRows: [(String, KeyPath<Ledger, TraceCounts>, Style)] {
    [
      ("received", \.received, .plain), ("restored from disk", \.restored, .plain), ("sent", \.sent, .plain),
      ("sampled out", \.sampled, .plain), ("filtered by rules", \.filtered, .plain), ("refused", \.refused, .bad),
      ("dropped", \.dropped, .bad), ("lost after keeping", \.lost, .bad), ("in flight", \.inFlight, .plain),
    ]
  }

  private static func cell(_ count: UInt64?) -> Table.Cell { .init(count.map(HumanNumber.count) ?? "") }
}
