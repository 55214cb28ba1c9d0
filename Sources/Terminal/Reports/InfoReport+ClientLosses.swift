import Control
import Text

/// The sections of `roost info` about what single clients lost, and what they asked for that is not offered.
extension InfoReport {
  /// What was dropped and refused, by client, service and reason.
  func clientLossLines(_ drawing: Drawing) -> [String] {
    let rows = answer.clientLosses.filter { $0.reason != Self.notOffered }
    guard !rows.isEmpty else { return [] }
    var table = Table([
      .init("LOST BY CLIENT", .left, isShrinkable: true), .init("SERVICE", .left, dropOrder: 3),
      .init("WHAT", .left), .init("REASON", .left), .init("REQUESTS", dropOrder: 2), .init("TRACES"),
      .init("LAST", dropOrder: 1),
    ])
    for row in rows {
      table.add([
        .init(row.client.isEmpty ? "unknown" : safeText(row.client)), .init(safeText(row.service)),
        .init(row.loss.rawValue, .bad), .init(safeText(row.reason)), Self.number(row.requests), Self.number(row.traces),
        .init(HumanDuration.age(of: row.lastSeenNs, now: answer.nowNs), .faint),
      ])
    }
    let examples = rows.compactMap(\.example)
    let others =
      rows.contains(where: \.isOfOthers)
      ? ["other clients have what rows counted before they gave way; so each number is a minimum"] : []
    return table.lines(drawing) + others + examples.prefix(Self.examplesMax).map { "for example: " + safeText($0) }
  }

  /// Requests for other products, in one line: nobody has to do anything.
  func notOfferedLine(verbose: Bool) -> [String] {
    let requests = (answer.refused[Self.notOffered] ?? 0) &+ (answer.dropped[Self.notOffered]?.payloads ?? 0)
    guard requests > 0 else { return [] }
    let count = requests == 1 ? "1 request" : "\(HumanNumber.count(requests)) requests"
    return ["not offered, harmless: \(count) for other products" + (verbose ? "" : " (roost info -v lists them)")]
  }

  /// The paths of those requests, and who asked.
  func notOfferedLines(_ drawing: Drawing) -> [String] {
    let rows = answer.clientIssues.filter { $0.kind == Self.notOffered }
    guard !rows.isEmpty else { return [] }
    var table = Table([
      .init("NOT OFFERED, HARMLESS", .left, isShrinkable: true), .init("CLIENT", .left, dropOrder: 2),
      .init("TIMES"), .init("LAST", dropOrder: 1),
    ])
    for row in rows {
      table.add([
        .init(safeText(row.detail)), .init(safeText(row.client)), .init(HumanNumber.count(row.count)),
        .init(HumanDuration.age(of: row.lastSeenNs, now: answer.nowNs), .faint),
      ])
    }
    return table.lines(drawing)
  }

  /// Both the reason under `refused` and `dropped` and the kind of issue, for paths of products that roost does not offer.
  static let notOffered = "not_offered"
  /// Dropped traces that are described one by one.
  private static let examplesMax = 5

  private static func number(_ count: UInt64) -> Table.Cell { .init(count == 0 ? "" : HumanNumber.count(count)) }
}
