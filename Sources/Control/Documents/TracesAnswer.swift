import JSON
import Traces

/// The traces that a query found, in its order.
package struct TracesAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.traces.v1"
  package static let internalMembers: Set = ["now_ns"]
  package static let memberNames = ["rows": "traces"]

  /// One for each trace, sorted as the query asked.
  package var rows: [TraceSummary]
  /// True when there are more than the limit let through; `nil` when these are all.
  package var hasMore: Bool?
  /// How far traces were looked at in the order of arrival: the next query goes on from there. `nil` where none are kept.
  package var arrivedUpTo: Int64?
  /// The search ended early, to answer in time: traces that start before this were not looked at; ns since 1970. `nil` when
  /// all were.
  package var searchedBackToNs: Int64?
  /// Traces of the time asked for, whatever they were, of which something was not kept because more came at once than the
  /// store takes. `nil` when there are none; those of the last day only, and since the agent started.
  package var thinnedTraces: UInt64?
  /// Receiving threads that did not end a request in time: traces that they have and did not hand to the store yet are not
  /// looked at. `nil` when none is missing.
  package var missingThreads: UInt64?
  /// The agent's clock when it answered, in ns since 1970; ages are counted from here.
  package var nowNs: Int64

  /// The rows in their order.
  package init(
    nowNs: Int64, rows: [TraceSummary], hasMore: Bool = false, arrivedUpTo: Int64? = nil, searchedBackToNs: Int64? = nil
  ) {
    self.nowNs = nowNs
    self.rows = rows
    self.hasMore = hasMore ? true : nil
    self.arrivedUpTo = arrivedUpTo
    self.searchedBackToNs = searchedBackToNs
  }

  /// What a search has come to.
  package init(_ found: TracesFound, nowNs: Int64) {
    self.init(
      nowNs: nowNs, rows: found.summaries, hasMore: found.hasMore,
      arrivedUpTo: found.arrivedUpTo, searchedBackToNs: found.searchedBackToNs)
  }
}
