import Control
import Text

/// The section of `roost info -v` about payloads that could not be decoded.
extension InfoReport {
  func badPayloadLines(_ drawing: Drawing) -> [String] {
    guard let newest = answer.badPayloads.first else { return [] }
    var table = Table([
      .init("BAD PAYLOAD"), .init("AGE"), .init("CLIENT", .left, dropOrder: 2), .init("FROM", .left, dropOrder: 1),
      .init("FORMAT", .left, dropOrder: 4), .init("BYTES", dropOrder: 3), .init("FAULT", .left, isShrinkable: true),
    ])
    for row in answer.badPayloads {
      table.add([
        .init(String(row.id)), .init(HumanDuration.age(of: row.atNs, now: answer.nowNs), .faint),
        .init(row.clientTitle.isEmpty ? "unknown" : safeText(row.clientTitle)), .init(safeText(row.sender)),
        .init(safeText(row.format)), .init(HumanNumber.bytes(row.bytes)), .init(safeText(row.fault.message), .bad),
      ])
    }
    return table.lines(drawing) + ["roost inspect \(newest.id) shows what is in the newest, and where it goes wrong"]
  }
}

extension BadPayloadRow {
  /// The process or machine that sent it; empty where that is not known.
  var sender: String {
    guard pid > 0 else { return address }
    if processGone { return "pid \(pid) (gone)" }
    return command.isEmpty ? "pid \(pid)" : "pid \(pid) (\(command))"
  }
}
