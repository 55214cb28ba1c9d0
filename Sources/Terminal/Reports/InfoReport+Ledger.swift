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

  private static var ledgerRows: [(String, KeyPath<Ledger, TraceCounts>, Style)] {
    [
      ("received", \.received, .plain), ("restored from disk", \.restored, .plain), ("sent", \.sent, .plain),
      ("sampled out", \.sampled, .plain), ("filtered by rules", \.filtered, .plain), ("refused", \.refused, .bad),
      ("dropped", \.dropped, .bad), ("lost after keeping", \.lost, .bad), ("in flight", \.inFlight, .plain),
    ]
  }

  private static func cell(_ count: UInt64?) -> Table.Cell { .init(count.map(HumanNumber.count) ?? "") }
}
