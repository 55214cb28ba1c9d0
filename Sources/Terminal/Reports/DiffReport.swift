import Control
import Text

/// Two ranges of time, versions or files compared, for people.
package struct DiffReport: Sendable {
  /// All rows; the first of them are printed.
  package let answer: DiffAnswer
  private let limit: Int

  /// - Parameter limit: rows that are printed at most; `nil` prints all.
  package init(_ answer: DiffAnswer, limit: Int? = nil) {
    self.answer = answer
    self.limit = limit ?? .max
  }

  /// The two sides, the table, and by which tests changes are marked, line by line.
  package func lines(_ drawing: Drawing) -> [String] {
    var sides = Table([.init("", .left), .init("", .left, isShrinkable: true), .init(""), .init("", .left)])
    for (letter, side) in [("A", answer.a), ("B", answer.b)] {
      sides.add([
        .init(letter, .heading), .init(safeText(side.name)), .init("\(HumanNumber.count(side.hits)) hits"),
        .init(time(side), .faint),
      ])
    }
    let plain = Drawing(width: drawing.width, colors: drawing.colors, header: false)
    return sides.lines(plain) + [""] + table.lines(drawing) + notes(drawing)
  }

  private func time(_ side: DiffSide) -> String {
    guard side.hits > 0 else { return "" }
    let age = HumanDuration.age(of: side.covered.endNs, now: answer.nowNs)
    return "in \(HumanDuration.uptime(side.covered.lengthNs))" + (age == "now" ? ", until now" : ", until \(age) ago")
  }

  /// Service, operation and environment have a column where rows differ in them.
  private var table: Table {
    let rows = answer.rows
    let showsService = Set(rows.map(\.service)).count > 1
    let showsOperation = Set(rows.map { [$0.service, $0.resource, $0.env] }).count < rows.count
    let showsEnv = Set(rows.map(\.env)).count > 1
    var table = Table(
      (showsService ? [.init("SERVICE", .left)] : [])
        + [.init("RESOURCE", .left, isShrinkable: true)]
        + (showsOperation ? [.init("OPERATION", .left, dropOrder: 4, isShrinkable: true)] : [])
        + (showsEnv ? [.init("ENV", .left, dropOrder: 2)] : [])
        + [
          .init("HITS", .left, dropOrder: 1), .init("ERR%", .left), .init("P50", .left, dropOrder: 3),
          .init("P95", .left), .init("P99", .left, dropOrder: 5),
        ])
    for row in rows.prefix(limit) {
      table.add(
        (showsService ? [.init(safeText(row.service))] : []) + [.init(safeText(row.resource))]
          + (showsOperation ? [.init(safeText(row.operation))] : []) + (showsEnv ? [envCell(row.env)] : [])
          + [
            hits(row), errors(row), latency(row, row.changes.p50, \.p50Ns), latency(row, row.changes.p95, \.p95Ns),
            latency(row, row.changes.p99, \.p99Ns),
          ])
    }
    return table
  }

  private func hits(_ row: DiffRow) -> Table.Cell {
    let text = HumanNumber.count(row.a.hits) + " → " + HumanNumber.count(row.b.hits)
    guard row.changes.hits != nil else { return .init(text) }
    if row.a.hits == 0 { return .init(text + " new", .warning) }
    if row.b.hits == 0 { return .init(text + " gone", .warning) }
    let (before, after) =
      answer.hitsBy == .share
      ? (Double(row.a.hits) / service(row, \.a), Double(row.b.hits) / service(row, \.b))
      : (row.a.ratePerSecond, row.b.ratePerSecond)
    let what = answer.hitsBy == .share ? "share" : "rate"
    return .init("\(text) \(what) \(Self.growth(before, after))", .warning)
  }

  /// All hits of the row's service and environment on one side.
  private func service(_ row: DiffRow, _ side: KeyPath<DiffRow, DiffMeasures>) -> Double {
    let hits = answer.rows.filter { $0.service == row.service && $0.env == row.env }
      .reduce(0) { $0 &+ $1[keyPath: side].hits }
    return Double(max(hits, 1))
  }

  private func errors(_ row: DiffRow) -> Table.Cell {
    let shares = [row.a, row.b].map { $0.hits == 0 ? "" : HumanNumber.errorShare($0.errors, of: $0.hits) }
    let text = shares.joined(separator: " → ")
    guard let change = row.changes.errorShare else { return .init(text) }
    let (before, after) = (Self.share(row.a), Self.share(row.b))
    let points = HumanNumber.decimal(abs(after - before) * 100, digits: 1)
    return .init("\(text) \(after >= before ? "+" : "−")\(points)pp", change == .up ? .bad : .good)
  }

  private func latency(
    _ row: DiffRow, _ change: DiffChange?, _ quantile: KeyPath<LatencyQuantiles, UInt64>
  ) -> Table.Cell {
    let texts = [row.a, row.b].map { side in
      guard side.hits > 0 else { return "" }
      let mark = side.hits < RowNumbers.hitsForPercentiles ? "~" : ""
      return mark + HumanDuration.latency(side.latency[keyPath: quantile])
    }
    let text = texts.joined(separator: " → ")
    guard let change else { return .init(text) }
    let (before, after) = (Double(row.a.latency[keyPath: quantile]), Double(row.b.latency[keyPath: quantile]))
    return .init("\(text) \(Self.growth(before, after))", change == .up ? .bad : .good)
  }

  private static func share(_ side: DiffMeasures) -> Double {
    side.hits == 0 ? 0 : Double(side.errors) / Double(side.hits)
  }

  /// `+125%`, `−30%`, and `×12` from ten times on.
  static func growth(_ before: Double, _ after: Double) -> String {
    guard before > 0, after.isFinite else { return "+∞" }
    let ratio = after / before
    if ratio >= 10 { return "×" + HumanNumber.decimal(ratio, digits: 0) }
    let percent = HumanNumber.decimal(abs(ratio - 1) * 100, digits: 0)
    return (ratio >= 1 ? "+" : "−") + percent + "%"
  }

  private func notes(_ drawing: Drawing) -> [String] {
    let missing = max(answer.a.covered.missingThreads ?? 0, answer.b.covered.missingThreads ?? 0)
    var lines = missingThreadsNote(missing).map { Style.warning.applied(to: $0, colors: drawing.colors) }
    if let left = answer.rowsLeftOut {
      lines.append(
        Style.warning.applied(to: "! \(HumanNumber.count(left)) more resources have no row", colors: drawing.colors))
    }
    let percent = HumanNumber.decimal(answer.level * 100, digits: 0)
    let hits = answer.hitsBy == .share ? "binomial test of the share of the service's hits" : "Poisson test of the rate"
    for line in [
      "A change is named where it is more than noise: were nothing changed, \(percent) % of",
      "such tables would name any (Holm's correction). ERR%: Fisher's exact test.",
      "HITS: exact \(hits).",
      "P50, P95, P99: exact binomial test of the percentile (order statistics).",
    ] {
      lines.append(Style.faint.applied(to: line, colors: drawing.colors))
    }
    return lines
  }
}
