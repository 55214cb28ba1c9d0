import Control
import Traces

/// Answers about single traces, from whatever keeps them.
package struct TraceAnswers: Sendable {
  private let list: @Sendable (TracesQuery, _ nowNs: Int64) -> ControlAnswer
  private let look: @Sendable (TraceSelector) -> ControlAnswer

  /// Answers from a store, or from a file of one.
  package init(_ reader: some TraceReading) {
    list = { query, nowNs in
      var query = query
      query.limit = min(max(query.limit, 1), ControlProtocol.rowsMax)
      do { return .traces(TracesAnswer(try reader.traces(query), nowNs: nowNs)) } catch {
        return .refused("the traces cannot be read: \(error)")
      }
    }
    look = { selector in
      do {
        switch try reader.find(selector) {
        case .found(let trace): return .trace(TraceAnswer(trace))
        case .ambiguous(let ids): return .noTrace(NoTraceAnswer(candidates: ids))
        case .foundSoFar(let trace): return .trace(TraceAnswer(trace, isSearchCut: true))
        case .none: return .noTrace(NoTraceAnswer())
        case .noneSoFar: return .noTrace(NoTraceAnswer(isSearchCut: true))
        }
      } catch {
        return .refused("the traces cannot be read: \(error)")
      }
    }
  }

  /// The list of a query, or why it cannot be read; `nowNs` is the clock that ages are counted from.
  package func traces(_ query: TracesQuery, nowNs: Int64) -> ControlAnswer { list(query, nowNs) }

  /// The trace of a selector, or that there is none.
  package func trace(_ selector: TraceSelector) -> ControlAnswer { look(selector) }
}
