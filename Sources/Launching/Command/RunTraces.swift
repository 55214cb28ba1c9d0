import Control
import Traces

/// The traces that the end of a run lists: the slowest, and those that failed.
enum RunTraces {
  /// Of each kind at most.
  static let rowsMax = 3

  /// The slowest first, then the newest of those that failed and are none of these; empty when none are kept.
  ///
  /// - Parameter sinceNs: the run's start, in ns since 1970.
  static func find(
    at controlPath: String, sinceNs: Int64, within limit: Duration, _ system: some RunSystem
  ) -> TracesAnswer {
    func rows(_ filter: TraceFilter, _ order: TracesQuery.Order) -> TracesAnswer? {
      let query = TracesQuery(filter: filter, sinceNs: sinceNs, order: order, limit: rowsMax)
      return system.traces(query, at: controlPath, within: limit)
    }
    guard var answer = rows(.all, .duration) else { return TracesAnswer(nowNs: 0, rows: []) }
    let ids = Set(answer.rows.map(\.id))
    answer.rows += rows(.condition(.hasError(true)), .start)?.rows.filter { !ids.contains($0.id) } ?? []
    answer.hasMore = nil
    return answer
  }
}
