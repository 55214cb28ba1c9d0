import Control
import Text

/// The section of `roost info` that says what each destination got.
extension InfoReport {
  /// Nothing where there is one intake of Datadog's: the lines above are about it.
  func destinationLines(_ drawing: Drawing) -> [String] {
    let rows = answer.destinations
    guard rows.count > 1 || rows.contains(where: { $0.format != "datadog" }) else { return [] }
    var table = Table([
      .init("DESTINATION", .left, isShrinkable: true), .init("FORMAT", .left, dropOrder: 1),
      .init("PAYLOADS", dropOrder: 2), .init("BYTES", dropOrder: 3), .init("TRACES"), .init("SPANS", dropOrder: 4),
      .init("WAITING"), .init("LOST"), .init("LAST"),
    ])
    for row in rows {
      let (sent, lost) = (row.sent, row.lost)
      let last = row.lastSuccess.map { HumanDuration.age(of: $0.unixNs, now: answer.nowNs) } ?? "never"
      let isLosing = lost.traces > 0 || lost.spans > 0
      table.add([
        .init(safeText(row.endpoint)), .init(safeText(row.format)), .init(HumanNumber.count(sent.payloads)),
        .init(HumanNumber.bytes(sent.bytes)), .init(HumanNumber.count(sent.traces)),
        .init(HumanNumber.count(sent.spans)), .init(HumanNumber.count(row.queued.traces)),
        .init(HumanNumber.count(lost.traces), isLosing ? .bad : .plain), .init(last, .faint),
      ])
    }
    return table.lines(drawing)
  }
}
