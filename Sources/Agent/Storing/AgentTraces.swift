import Store
import Traces

/// The traces of a running agent: those in its store, with what the receiving threads had gathered a moment before.
struct AgentTraces: TraceReading {
  /// How long a query waits for what is being written; what comes later is in the next answer.
  private static let writingLimit = Duration.milliseconds(500)

  private let shards: [ReceivingShard]
  private let store: HistoryStore
  private let stored: StoredTraces

  init(_ store: HistoryStore, shards: [ReceivingShard]) {
    self.shards = shards
    self.store = store
    stored = StoredTraces(store.location)
  }

  func traces(_ query: TracesQuery) throws(StoreError) -> TracesFound {
    writeGathered()
    return try stored.traces(query)
  }

  func trace(_ selector: TraceSelector) throws(StoreError) -> TraceLookup {
    writeGathered()
    return try stored.trace(selector)
  }

  private func writeGathered() {
    for shard in shards { shard.handOverTraces() }
    store.flush(deadline: .now + Self.writingLimit)
  }
}
