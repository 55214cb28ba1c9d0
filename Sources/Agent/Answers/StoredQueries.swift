import Control
import Statistics
import Store

/// Answers about statistics from a store's file, with no agent running.
package struct StoredQueries {
  private let stored: StoredStatistics
  private let nowNs: Int64

  /// Opens the file for reading.
  package init(path: String) throws(StoreError) {
    stored = try StoredStatistics(path: path)
    nowNs = WallClock.system.nowNs
  }

  /// A row for each service.
  package func services(_ query: ServicesQuery) throws(StoreError) -> ServicesAnswer {
    try tables(query.windowNs).services(query)
  }

  /// A row for each resource of a service, or of all.
  package func resources(_ query: ResourcesQuery) throws(StoreError) -> ResourcesAnswer {
    try tables(query.windowNs).resources(query)
  }

  /// Two parts of the file's statistics, compared.
  package func diff(_ query: DiffQuery) throws(StoreError) -> DiffAnswer {
    StatisticsDiff(query, try side(query.a), try side(query.b), nowNs: nowNs).answer
  }

  /// The statistics of this file and of another one, compared.
  package func diff(_ query: DiffQuery, with other: StoredQueries) throws(StoreError) -> DiffAnswer {
    StatisticsDiff(query, try side(query.a), try other.side(query.b), nowNs: nowNs).answer
  }

  /// How long ago the last span ended, in ns; `nil` when the file has none.
  package func lastAgeNs() throws(StoreError) -> Int64? {
    try stored.lastEndNs().map { max(0, nowNs &- $0) }
  }

  /// How far in the future a period may begin: others were counted while a clock was ahead, and belong to no window.
  private static let aheadMaxNs: Int64 = 60_000_000_000

  private func side(_ selection: DiffSelection) throws(StoreError) -> StatisticsDiff.Side {
    var aggregate = LocalAggregate(version: selection.version)
    if let untilNs = selection.untilNs { aggregate.endNs = try stored.periodStartNs(at: untilNs) }
    let sinceNs = max(selection.sinceNs ?? 0, 0)
    let first = try stored.collect(sinceNs: sinceNs, untilNs: aggregate.endNs, into: &aggregate)
    aggregate.startNs = first ?? min(sinceNs, aggregate.endNs)
    // A range is in time; of a file as a whole, only the time in which something was counted says anything.
    if selection.sinceNs == nil, selection.untilNs == nil { aggregate.endNs = try stored.lastEndNs() ?? nowNs }
    return StatisticsDiff.Side(selection, aggregate, countedSinceNs: try stored.firstNs() ?? nowNs, nowNs: nowNs)
  }

  private func tables(_ windowNs: Int64?) throws(StoreError) -> StatisticsTables {
    let window = min(
      max(windowNs ?? ControlProtocol.historyNs, 1_000_000_000), HistoryStore.keptSeconds * 1_000_000_000)
    var aggregate = LocalAggregate()
    let first = try stored.collect(sinceNs: nowNs &- window, untilNs: nowNs &+ Self.aheadMaxNs, into: &aggregate)
    return StatisticsTables(aggregate: aggregate, covered: CoveredTime(startNs: first ?? nowNs, endNs: nowNs))
  }
}
