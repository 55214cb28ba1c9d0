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

  /// How long ago the last span ended, in ns; `nil` when the file has none.
  package func lastAgeNs() throws(StoreError) -> Int64? {
    try stored.lastEndNs().map { max(0, nowNs &- $0) }
  }

  private func tables(_ windowNs: Int64?) throws(StoreError) -> StatisticsTables {
    let window = min(
      max(windowNs ?? ControlProtocol.historyNs, 1_000_000_000), HistoryStore.keptSeconds * 1_000_000_000)
    var aggregate = LocalAggregate()
    let first = try stored.collect(sinceNs: nowNs &- window, untilNs: .max, into: &aggregate)
    return StatisticsTables(aggregate: aggregate, covered: CoveredTime(startNs: first ?? nowNs, endNs: nowNs))
  }
}
