import Control
import Text

/// The section of `roost info -v` about the containers that clients are in.
extension InfoReport {
  /// Digits of an id that tell containers apart, as their runtimes show it.
  private static let idDigits = 12

  /// A row for each process that sent from a container.
  func containerLines(_ drawing: Drawing) -> [String] {
    var table = Table([
      .init("CONTAINER", .left), .init("NAME", .left, isShrinkable: true), .init("IMAGE", .left, dropOrder: 1),
      .init("SERVICE", .left), .init("CLIENT", .left, dropOrder: 2), .init("PID", dropOrder: 3), .init("TRACES"),
      .init("LAST"),
    ])
    for process in answer.processes where !process.containerID.isEmpty || !process.containerName.isEmpty {
      let client = [process.language, process.tracerVersion].filter { !$0.isEmpty }.joined(separator: " ")
      table.add([
        .init(safeText(Self.shortened(process.containerID))), .init(safeText(process.containerName)),
        .init(safeText(process.containerImage)), .init(safeText(process.service)), .init(safeText(client)),
        .init(process.pid == 0 ? "" : String(process.pid)), .init(HumanNumber.count(process.traces)),
        .init(HumanDuration.age(of: process.lastSeenNs, now: answer.nowNs), .faint),
      ])
    }
    return table.rows.isEmpty ? [] : table.lines(drawing)
  }

  /// As its runtime shows it; inodes stay whole.
  private static func shortened(_ id: String) -> String { id.hasPrefix("in-") ? id : String(id.prefix(idDigits)) }
}
