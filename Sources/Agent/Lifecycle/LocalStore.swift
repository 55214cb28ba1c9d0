import Configuration
import Statistics
import Store

/// The store, opened as configured, and what it gives to a new agent.
struct LocalStore: Sendable {
  /// What a store in memory may take unless it is configured, in bytes.
  private static let memoryBytesMax = 64_000_000

  /// `nil` when there is none, or it could not be opened.
  var store: HistoryStore?
  /// With what is in the store of the last hour.
  var history: LocalHistory
  /// Where the store's statistics begin, ns since 1970; `nil` when it has none.
  var firstNs: Int64?

  /// Never fails: an agent whose file cannot be used keeps things in memory, and one without SQLite goes on without.
  static func open(
    _ configuration: AgentConfiguration, _ place: StorePlace, nowNs: Int64, log: Log
  ) -> LocalStore {
    do throws(StoreError) {
      switch place {
      case .off: return LocalStore(history: history(configuration))
      case .memory: return try inMemory(configuration, log)
      case .file(let path): return try inFile(path, configuration, nowNs: nowNs, log)
      }
    } catch {
      log.warn(kind: "store", "traces are not kept, and statistics for an hour: \(error)")
      return LocalStore(history: history(configuration))
    }
  }

  private static func history(_ configuration: AgentConfiguration, sinceNs: Int64 = 0) -> LocalHistory {
    LocalHistory(
      bucketSizeNs: configuration.bucketSize.nanoseconds, sinceNs: sinceNs,
      bytesMax: configuration.maxMemoryBytes / PipelineParts.historyShare)
  }

  private static func inFile(
    _ path: String, _ configuration: AgentConfiguration, nowNs: Int64, _ log: Log
  ) throws(StoreError) -> LocalStore {
    do throws(StoreError) {
      let store = try open(.file(path), maxBytes: configuration.storeBytesMax, log)
      let stored = try StoredStatistics(store.location)
      let sinceNs = LocalHistory.hourStartNs(nowNs: nowNs)
      var history = Self.history(configuration, sinceNs: sinceNs)
      var ahead: UInt64 = 0
      try stored.forEach(sinceNs: sinceNs) { key, cell, startNs, widthNs in
        // Counted while a clock was ahead: in a table of now it would stay for as long as that was.
        if startNs > nowNs &+ widthNs { return ahead &+= cell.hits }
        history.restore(key, cell, startNs: startNs, widthNs: widthNs)
      }
      if ahead > 0 {
        log.warn(
          kind: "store",
          "\(ahead) hits in \(path) were counted while a clock was ahead: they are left out until their time")
      }
      return LocalStore(store: store, history: history, firstNs: try stored.firstNs())
    } catch {
      if case .noLibrary = error { throw error }
      log.warn(kind: "store", "traces and statistics are kept in memory only: \(error)")
      return try inMemory(configuration, insteadOfFile: true, log)
    }
  }

  private static func inMemory(
    _ configuration: AgentConfiguration, insteadOfFile: Bool = false, _ log: Log
  ) throws(StoreError) -> LocalStore {
    let maxBytes = bytesMaxInMemory(configuration, insteadOfFile: insteadOfFile)
    return LocalStore(
      store: try open(.newMemory(), maxBytes: maxBytes, log),
      history: history(configuration))
  }

  /// What a store in memory may take, in bytes: never half of what the agent may.
  /// - Parameter insteadOfFile: what is configured was meant for a disk, so that it can make the store only smaller.
  static func bytesMaxInMemory(_ configuration: AgentConfiguration, insteadOfFile: Bool) -> Int {
    var bytes = configuration.storeBytesMax
    let isConfigured = bytes != AgentConfiguration().storeBytesMax
    if insteadOfFile || !isConfigured { bytes = min(bytes, memoryBytesMax) }
    return configuration.maxMemoryBytes > 0 ? min(bytes, configuration.maxMemoryBytes / 2) : bytes
  }

  private static func open(_ location: StoreLocation, maxBytes: Int, _ log: Log) throws(StoreError) -> HistoryStore {
    try HistoryStore(location, maxBytes: Int64(clamping: maxBytes)) { log.error($0) }
  }
}

/// The part of the store that is older than the history in memory.
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
