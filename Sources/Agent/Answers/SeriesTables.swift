import Control
import Statistics

/// Which steps a series has: decides, touches nothing.
enum SeriesSteps {
  /// Widths that people read without thinking, in seconds.
  private static let widths: [Int64] = [
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
  ]
  /// About so many steps when no width is asked for.
  private static let usualCount: Int64 = 120
  private static let secondNs: Int64 = 1_000_000_000

  /// The width of a step for a window, both in ns: as asked for, but not narrower than what is kept of the window's
  /// oldest part, and wide enough that there are no more than `SeriesAnswer.stepsMax` of them.
  /// - Parameter ageNs: how long ago that oldest part was; `nil` for a window that ends now.
  static func widthNs(windowNs: Int64, ageNs: Int64? = nil, wishedNs: Int64?, bucketSizeNs: Int64) -> Int64 {
    let kept = max(keptWidthNs(ageNs: max(ageNs ?? windowNs, windowNs)), bucketSizeNs)
    let fewest = windowNs / Int64(SeriesAnswer.stepsMax - 2)
    let wished = max(wishedNs ?? windowNs / usualCount, kept, fewest, secondNs)
    let round = widths.first { $0 * secondNs >= wished }.map { $0 * secondNs } ?? wished
    // What is kept in buckets of seven seconds cannot be told apart in steps of ten.
    let multiple = (round &+ kept &- 1) / kept &* kept
    return max(multiple, kept)
  }

  /// In how wide periods hits of that age are kept: in memory, and in the file of statistics.
  private static func keptWidthNs(ageNs: Int64) -> Int64 {
    if ageNs <= 60 * secondNs { return secondNs }
    return ageNs <= 86_400 * secondNs ? 60 * secondNs : 3_600 * secondNs
  }
}

extension AgentQueries {
  /// Statistics over time, from the history, the open buckets and the store.
  func series(_ query: SeriesQuery) -> SeriesAnswer {
    let now = clock.nowNs
    let time = CountedTime(query.windowNs, query.range, nowNs: now, reachNs: statistics.reachNs)
    let step = SeriesSteps.widthNs(
      windowNs: time.endNs - time.startNs, ageNs: now &- time.startNs, wishedNs: query.stepNs,
      bucketSizeNs: statistics.bucketSizeNs)
    var series = LocalSeries(
      sinceNs: time.startNs, nowNs: time.endsNow ? now : time.endNs - 1, stepNs: step,
      grouping: LocalSeries.Grouping(query.grouping ?? .total), filter: LocalKeyFilter(query.selection),
      hasLatency: query.includesLatency, endsNow: time.endsNow)
    statistics.collect(into: &series)
    let endNs = time.endsNow ? now : min(series.endNs, now)
    let covered = CoveredTime(
      startNs: min(max(series.startNs, agent.countedSinceNs), endNs), endNs: endNs,
      missingThreads: series.missingSources)
    return SeriesAnswer(series, covered: covered, hasLatency: query.includesLatency)
  }
}

extension SeriesAnswer {
  /// The busiest lines; those that have equally many hits by their names.
  init(_ series: LocalSeries, covered: CoveredTime, hasLatency: Bool) {
    let sorted = series.lines.map { (key: $0.key, hits: $0.value.reduce(0) { $0 &+ $1.hits }, steps: $0.value) }
      .sorted {
        ($0.hits, $1.key.service, $1.key.env, $1.key.resource, $1.key.operation)
          > ($1.hits, $0.key.service, $0.key.env, $0.key.resource, $0.key.operation)
      }
    let limit = hasLatency ? Self.latencyRowsMax : Self.rowsMax
    let rows = sorted.prefix(limit).map { line in
      var row = SeriesRow(
        service: line.key.service, env: line.key.env, hits: line.steps.map(\.hits), errors: line.steps.map(\.errors))
      if !line.key.resource.isEmpty || !line.key.operation.isEmpty {
        row.resource = line.key.resource
        row.operation = line.key.operation
      }
      if hasLatency { row.setLatency(line.steps.map { LatencyQuantiles($0.sketch) }) }
      return row
    }
    self.init(
      firstStepNs: series.startNs, stepNs: series.stepNs, covered: covered, rows: rows,
      leftOut: max(0, sorted.count - limit))
  }
}

extension StatisticsTables {
  /// How the durations of the selected spans are spread.
  func histogram(_ query: HistogramQuery) -> HistogramAnswer {
    let filter = LocalKeyFilter(query.selection)
    var cell = LocalCell()
    for (key, part) in aggregate.cells where filter.matches(key) { cell.add(part) }
    let bins = cell.sketch.histogram(rangesMax: HistogramAnswer.binsMax).map { range in
      HistogramBin(
        fromNs: UInt64(exactly: range.from.rounded()) ?? .max, toNs: UInt64(exactly: range.to.rounded()) ?? .max,
        hits: range.count)
    }
    return HistogramAnswer(covered: covered, hits: cell.hits, latency: LatencyQuantiles(cell), bins: bins)
  }
}

extension LatencyQuantiles {
  /// Percentiles of a sketch alone, which does not know the longest duration.
  init(_ sketch: DDSketch) {
    func quantile(_ q: Double) -> UInt64 { UInt64(exactly: sketch.quantile(q).rounded()) ?? .max }
    self.init(p50Ns: quantile(0.5), p75Ns: quantile(0.75), p95Ns: quantile(0.95), p99Ns: quantile(0.99))
  }
}

extension LocalKeyFilter {
  init(_ selection: StatisticsSelection) {
    self.init()
    service = selection.service
    resource = selection.resource
    operation = selection.operation
    env = selection.env
    allSpans = selection.allSpans
    excludedService = TestTraffic.service
  }
}

extension LocalSeries.Grouping {
  fileprivate init(_ grouping: SeriesGrouping) {
    switch grouping {
    case .total: self = .total
    case .services: self = .services
    case .resources: self = .resources
    }
  }
}
