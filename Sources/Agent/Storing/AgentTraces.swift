import Control
import Store
import Traces

/// The traces of a running agent: those in its store, with what the receiving threads had gathered a moment before.
struct AgentTraces {
  /// How long a query waits for what is being written; what comes later is in the next answer.
  private static let writingLimit = Duration.milliseconds(500)

  private let shards: [ReceivingShard]
  private let store: HistoryStore
  private let stored: TraceAnswers

  init(_ store: HistoryStore, shards: [ReceivingShard]) {
    self.shards = shards
    self.store = store
    stored = TraceAnswers(StoredTraces(store.location))
  }

  /// The list of a query, or why it cannot be read; `nowNs` is the clock that ages are counted from.
  func traces(_ query: TracesQuery, nowNs: Int64) -> ControlAnswer {
    let missing = writeGathered()
    let answer = stored.traces(query, nowNs: nowNs)
    guard case .traces(var list) = answer else { return answer }
    list.missingThreads = missing
    return .traces(list)
  }

  /// The trace of a selector, or that there is none.
  func trace(_ selector: TraceSelector) -> ControlAnswer {
    let missing = writeGathered()
    switch stored.trace(selector) {
    case .trace(var trace):
      trace.missingThreads = missing
      return .trace(trace)
    case .noTrace(var none):
      none.missingThreads = missing
      return .noTrace(none)
    case let other: return other
    }
  }

  /// - Returns: how many threads did not hand over in time; `nil` for none.
  private func writeGathered() -> UInt64? {
    let deadline = ContinuousClock.Instant.soon
    let answered = shards.count { $0.handOverTraces(until: deadline) }
    store.flush(deadline: .now + Self.writingLimit)
    return shards.missing(answered)
  }
}

extension [ReceivingShard] {
  /// How many did not answer in time, as documents say it: `nil` for none.
  func missing(_ answered: Int) -> UInt64? { answered < count ? UInt64(count - answered) : nil }
}
