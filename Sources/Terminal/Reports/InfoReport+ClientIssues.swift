import Control
import Text

/// The section of `roost info` about what clients do wrong.
extension InfoReport {
  func clientIssueLines(_ drawing: Drawing) -> [String] {
    let issues = answer.clientIssues.filter { $0.kind != Self.notOffered }
    guard !issues.isEmpty else { return [] }
    var table = Table([
      .init("CLIENT ISSUE", .left), .init("DETAIL", .left, isShrinkable: true), .init("CLIENT", .left, dropOrder: 2),
      .init("AMOUNT", dropOrder: 3), .init("TIMES"), .init("LAST", dropOrder: 1),
    ])
    for row in issues {
      table.add([
        .init(safeText(row.kind), .warning), .init(safeText(row.detail)), .init(safeText(row.client)),
        .init(Self.amount(of: row)), .init(HumanNumber.count(row.count)),
        .init(HumanDuration.age(of: row.lastSeenNs, now: answer.nowNs), .faint),
      ])
    }
    return table.lines(drawing) + ["roost doctor says which of them matter, and what to do"]
  }

  /// The number that goes with the kind, in its unit; empty for kinds that are only counted.
  private static func amount(of row: ClientIssueRow) -> String {
    switch row.kind {
    case "too_large", "memory_limit", "undecodable": HumanNumber.bytes(UInt64(max(0, min(row.amount, 1e18))))
    case "clock_skew": (row.amount < 0 ? "-" : "+") + seconds(abs(row.amount))
    case "client_vanished": seconds(row.amount)
    case "trace_count_mismatch", "malformed_trace", "missing_statistics":
      (row.amount < 0 ? "-" : "") + HumanNumber.decimal(abs(row.amount), digits: 0)
    default: ""
    }
  }

  private static func seconds(_ value: Double) -> String {
    HumanDuration.uptime(UInt64(max(0, min(value, 1e9)) * 1e9))
  }
}
