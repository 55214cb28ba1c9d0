import Configuration
import Statistics
import Store

/// The file of statistics, opened as configured, and what it gives to a new agent.
struct LocalStore: Sendable {
  /// `nil` when there is none, or it could not be opened.
  var store: HistoryStore?
  /// With what is in the file of the last hour.
  var history: LocalHistory
  /// Where the file's statistics begin, ns since 1970; `nil` when it has none.
  var firstNs: Int64?

  /// Never fails: an agent without its file is better than none.
  static func open(_ configuration: AgentConfiguration, nowNs: Int64, log: Log) -> LocalStore {
    let bucketSizeNs = configuration.bucketSize.nanoseconds
    let without = LocalStore(history: LocalHistory(bucketSizeNs: bucketSizeNs))
    guard let path = configuration.storePath else { return without }
    do throws(StoreError) {
      let store = try HistoryStore(.file(path), maxBytes: Int64(configuration.storeBytesMax)) { line in
        log.error(line)
      }
      let stored = try StoredStatistics(path: path)
      let sinceNs = LocalHistory.hourStartNs(nowNs: nowNs)
      var history = LocalHistory(bucketSizeNs: bucketSizeNs, sinceNs: sinceNs)
      try stored.forEach(sinceNs: sinceNs) { history.restore($0, $1, startNs: $2, widthNs: $3) }
      return LocalStore(store: store, history: history, firstNs: try stored.firstNs())
    } catch {
      log.error("statistics are kept in memory only: \(error)")
      return without
    }
  }
}

/// The part of the file that is older than the history in memory.
struct OlderThanHistory: OlderStatistics {
  let store: HistoryStore
  let log: Log

  var reachNs: Int64 { HistoryStore.keptSeconds * 1_000_000_000 }

  func periodStartNs(at timeNs: Int64) -> Int64 {
    (try? StoredStatistics(store.location).periodStartNs(at: timeNs)) ?? timeNs
  }

  func collect(sinceNs: Int64, untilNs: Int64, into aggregate: inout LocalAggregate) -> Int64? {
    do throws(StoreError) {
      return try StoredStatistics(store.location).collect(sinceNs: sinceNs, untilNs: untilNs, into: &aggregate)
    } catch {
      log.warn(kind: "store", "older statistics cannot be read: \(error)")
      return nil
    }
  }
  func collect(untilNs: Int64, into series: inout LocalSeries) {
    do throws(StoreError) {
      try StoredStatistics(store.location).collect(untilNs: untilNs, into: &series)
    } catch {
      log.warn(kind: "store", "older statistics cannot be read: \(error)")
    }
  }
}
