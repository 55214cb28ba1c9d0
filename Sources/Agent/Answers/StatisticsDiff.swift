import Control
import Statistics

/// Two parts of the statistics, compared: the answer to a `DiffQuery`.
struct StatisticsDiff {
  /// The chance that anything is marked where nothing has changed.
  static let level = 0.01

  /// One part of the statistics.
  struct Side {
    let name: String
    let aggregate: LocalAggregate
    let covered: CoveredTime

    /// - Parameter countedSinceNs: from when on there are statistics, ns since 1970.
    init(_ selection: DiffSelection, _ aggregate: LocalAggregate, countedSinceNs: Int64, nowNs: Int64) {
      name = selection.name
      self.aggregate = aggregate
      var (start, end) = (max(aggregate.startNs, countedSinceNs), min(aggregate.endNs, nowNs))
      if selection.version != nil {
        start = max(start, aggregate.firstNs ?? start)
        end = min(end, aggregate.cells.values.reduce(start) { max($0, $1.lastEndNs) })
      }
      covered = CoveredTime(
        startNs: min(start, end), endNs: end, missingThreads: aggregate.missingSources)
    }
  }

  let answer: DiffAnswer

  init(_ query: DiffQuery, _ a: Side, _ b: Side, nowNs: Int64) {
    let cells = [a, b].map { side in
      let rows = side.aggregate.resources(env: query.env, allSpans: query.allSpans) { service in
        query.service.map { $0 == service } ?? (service != TestTraffic.service)
      }
      return Dictionary(rows.map { ($0.key, $0.cell) }) { one, _ in one }
    }
    let comparison = StatisticsComparison(
      cells[0], cells[1],
      hits: query.comparesRates ? .seconds(a.covered.seconds, b.covered.seconds) : .shareOfService, level: Self.level)
    let rows = comparison.rows.prefix(ControlProtocol.rowsMax).map { row in
      DiffRow(
        service: row.key.service, resource: row.key.resource, operation: row.key.operation, type: row.key.type,
        spanKind: row.key.spanKind, env: row.key.env, a: DiffMeasures(row.a, a.covered),
        b: DiffMeasures(row.b, b.covered), changes: DiffChanges(row.changes))
    }
    answer = DiffAnswer(
      a: DiffSide(a, cells[0]), b: DiffSide(b, cells[1]), level: Self.level,
      hitsBy: query.comparesRates ? .rate : .share, rows: rows,
      rowsLeftOut: UInt64(comparison.rows.count - rows.count), nowNs: nowNs)
  }
}

extension DiffSide {
  fileprivate init(_ side: StatisticsDiff.Side, _ cells: [LocalKey: LocalCell]) {
    self.init(
      name: side.name, covered: side.covered, hits: cells.values.reduce(0) { $0 &+ $1.hits },
      versions: side.aggregate.versions.filter { !$0.isEmpty }.sorted())
  }
}

extension DiffMeasures {
  fileprivate init(_ cell: LocalCell, _ covered: CoveredTime) {
    self.init(
      hits: cell.hits, errors: cell.errors, ratePerSecond: Double(cell.hits) / covered.seconds,
      latency: LatencyQuantiles(cell))
  }
}

extension DiffChanges {
  fileprivate init(_ changes: [StatisticsComparison.Measure: StatisticsComparison.Change]) {
    self.init()
    let change = { (measure: StatisticsComparison.Measure) in
      changes[measure].map { $0 == .up ? DiffChange.up : .down }
    }
    hits = change(.hits)
    errorShare = change(.errorShare)
    p50 = change(.p50)
    p95 = change(.p95)
    p99 = change(.p99)
  }
}
