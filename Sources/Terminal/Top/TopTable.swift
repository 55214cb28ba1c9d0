import Control
import Text
import Traces

/// A column of the live tables. Widths are fixed, so that numbers which grow do not move the others.
struct TopColumn: Sendable {
  let title: String
  /// Columns of the terminal; `nil` for the one that takes what is left.
  var width: Int?
  var alignment = Table.Column.Alignment.right
  /// Columns with a higher number go first when the terminal is narrow; 0 stays.
  var dropOrder = 0

  /// Up to this `dropOrder` columns go only where else no name could be read.
  static let lastDropped = 2
}

/// A row of a live table.
struct TopRow: Sendable {
  /// What the row is about; it stays the same when the numbers change.
  let id: String
  /// What is searched by the filter.
  let name: String
  /// Made when the row is seen: there may be thousands.
  let cells: @Sendable () -> [Table.Cell]
  /// One for each column of the table that can be sorted by.
  let keys: [SortKey]
  /// The place to which Enter leads.
  let target: TopPlace
}

/// The rows of one place, in the order in which they came.
struct TopTable: Sendable {
  let columns: [TopColumn]
  /// The columns that rows can be sorted by, by their position.
  let sortable: [Int]
  var rows: [TopRow]
  /// Lines below the rows: which hits the table does not show as what they are.
  var notes: [String] = []

  /// Rows whose name holds the filter, sorted by a column.
  func shown(filter: String, sort: Int, isReversed: Bool) -> [TopRow] {
    let wanted = filter.lowercased()
    let found = wanted.isEmpty ? rows : rows.filter { $0.name.lowercased().contains(wanted) }
    let sorted = found.enumerated().sorted { one, two in
      let (a, b) = (one.element.keys[sort], two.element.keys[sort])
      if a == b { return one.offset < two.offset }
      return isReversed ? b.precedes(a) : a.precedes(b)
    }
    return sorted.map(\.element)
  }
}

/// Where a sparkline stands, and how many bars it has.
private let sparkWidth = 20

extension TopTable {
  static let serviceColumns = [
    TopColumn(title: "SERVICE", alignment: .left), TopColumn(title: "ENV", width: 12, alignment: .left, dropOrder: 5),
    TopColumn(title: "HITS", width: 9, dropOrder: 4), TopColumn(title: "RATE", width: 9, dropOrder: 1),
    TopColumn(title: "ERR%", width: 6), TopColumn(title: "P50", width: 8, dropOrder: 2),
    TopColumn(title: "P95", width: 8),
    TopColumn(title: "LAST MINUTE", width: sparkWidth, alignment: .left, dropOrder: 3),
  ]

  init(_ answer: ServicesAnswer, _ arrivals: ArrivalHistory) {
    columns = Self.serviceColumns
    sortable = [0, 2, 3, 4, 5, 6]
    rows = answer.rows.map { row in
      let numbers = TopNumbers(
        hits: row.hits, errors: row.errors, rate: row.ratePerSecond, latency: row.latency,
        line: ArrivalHistory.LineKey(row))
      return TopRow(
        id: row.service + "\0" + row.env, name: row.service,
        cells: { [.init(safeText(row.service)), envCell(row.env)] + numbers.cells(arrivals) },
        keys: [.text(row.service)] + numbers.keys,
        target: .resources(service: row.service, env: row.env))
    }
    notes = uncountedNote(answer.hitsWithoutRow) + missingThreadsNote(answer.covered?.missingThreads)
  }

  init(_ answer: ResourcesAnswer, _ arrivals: ArrivalHistory) {
    let differ = Set(answer.rows.map(\.resource)).count < answer.rows.count
    columns =
      [TopColumn(title: "RESOURCE", alignment: .left)]
      + [TopColumn(title: "OPERATION", width: differ ? 20 : 0, alignment: .left, dropOrder: 5)]
      + Self.serviceColumns[2...]
    sortable = [0, 2, 3, 4, 5, 6]
    notes =
      collapsedNote(answer.rows) + uncountedNote(answer.hitsWithoutRow)
      + missingThreadsNote(answer.covered?.missingThreads)
    rows = answer.rows.map { row in
      let numbers = TopNumbers(
        hits: row.hits, errors: row.errors, rate: row.ratePerSecond, latency: row.latency,
        line: ArrivalHistory.LineKey(row))
      let isCollapsed = row.isCollapsed == true
      let name = Table.Cell(safeText(String(row.resource.prefix(Self.nameMax))), isCollapsed ? .warning : .plain)
      return TopRow(
        id: [row.resource, row.operation, row.env, row.type, row.spanKind].joined(separator: "\0"), name: row.resource,
        cells: { [name, .init(safeText(row.operation))] + numbers.cells(arrivals) },
        keys: [.text(row.resource)] + numbers.keys,
        // The traces of a row for many resources have their own names: all of the service are shown.
        target: .traces(
          TopTraceScope(service: row.service, resource: isCollapsed ? nil : row.resource, env: row.env)))
    }
  }

  /// Characters of a name that can be seen at most, however wide a terminal is.
  private static let nameMax = 1_000

  init(_ answer: TracesAnswer) {
    columns = [
      TopColumn(title: "START", width: 6), TopColumn(title: "DURATION", width: 9), TopColumn(title: "SPANS", width: 6),
      TopColumn(title: "ERR", width: 4), TopColumn(title: "CODE", width: 5, dropOrder: 4),
      TopColumn(title: "TRACE", width: 16, alignment: .left, dropOrder: 3),
      TopColumn(title: "ROOT", alignment: .left),
    ]
    sortable = [0, 1, 2, 3]
    rows = answer.rows.map { row in
      let root = row.rootService + " " + String(row.rootResource.prefix(Self.nameMax))
      let failed: Style = row.errorCount > 0 ? .bad : .plain
      return TopRow(
        id: row.id.hex, name: root + " " + row.id.hex + " " + row.services.joined(separator: " "),
        cells: {
          [
            Self.start(row, nowNs: answer.nowNs),
            .init(HumanDuration.latency(UInt64(clamping: row.durationNs))),
            .init(HumanNumber.count(UInt64(clamping: row.spanCount))),
            .init(row.errorCount > 0 ? HumanNumber.count(UInt64(clamping: row.errorCount)) : "–", failed),
            .init(safeText(row.statusCode), failed), .init(TraceID.hex(row.id.low)),
            .init(safeText(root)),
          ]
        },
        keys: [
          .number(Double(row.startNs &- (row.aheadNs ?? 0))), .number(Double(row.durationNs)),
          .number(Double(row.spanCount)),
          .number(Double(row.errorCount)),
        ], target: .trace(id: row.id.hex))
    }
  }
}

extension TopTable {
  /// How long ago a trace began; where the clock of who sent it is ahead, by how much.
  private static func start(_ row: TraceSummary, nowNs: Int64) -> Table.Cell {
    guard let aheadNs = row.aheadNs else { return .init(HumanDuration.age(of: row.startNs, now: nowNs), .faint) }
    return .init("+" + HumanDuration.age(of: row.startNs &- aheadNs, now: row.startNs), .warning)
  }
}

/// The cells from HITS on, which services and resources have in common, and what they are sorted by.
private struct TopNumbers: Sendable {
  let hits: UInt64
  let errors: UInt64
  let rate: Double
  let latency: LatencyQuantiles
  let line: ArrivalHistory.LineKey

  var keys: [SortKey] {
    [
      .number(Double(hits)), .number(rate), .number(hits == 0 ? 0 : Double(errors) / Double(hits)),
      .number(Double(latency.p50Ns)), .number(Double(latency.p95Ns)),
    ]
  }

  func cells(_ arrivals: ArrivalHistory) -> [Table.Cell] {
    let numbers = RowNumbers(
      hits: hits, errors: errors, ratePerSecond: rate, latency: latency, lastSeenNs: 0, nowNs: 0)
    let parts = arrivals.parts(of: line, count: sparkWidth)
    return [
      numbers.hits, numbers.rate, numbers.errorShare, numbers.quantiles[0], numbers.quantiles[2],
      .init(Sparkline.text(parts), .good),
    ]
  }
}
