import JSON
import Traces

/// What a list of traces says of one, as documents have it.
package struct TraceRow: Sendable, Equatable, Codable {
  /// 32 hexadecimal digits, or 16 for an id of 64 bits.
  package var traceID: String
  /// Start of its first span, in ns since 1970.
  package var startNs: Int64
  /// By how much the clock of who sent it is ahead, in ns: so much later than it came it began; `nil` for less than a second.
  package var aheadNs: Int64?
  /// From the start of its first span to the end of its last, in ns, with clocks of services that differ made equal.
  package var durationNs: Int64
  /// Of the span that began it.
  package var rootService: String
  /// Of the span that began it.
  package var rootResource: String
  /// Of the span that began it.
  package var rootOperation: String
  /// Empty when the client sent none.
  package var env: String
  /// Spans that were stored of it, of all services.
  package var spanCount: Int
  /// Those of the spans that failed.
  package var errorCount: Int
  /// Those that it passed, in the order in which they came to it.
  package var services: [String]
  /// The HTTP status of the span that began it; empty when it has none.
  package var statusCode: String
  /// Whether sampling sent it on.
  package var isKept: Bool
  /// The sampling decision's name: `priority`, `errors`, `sampling_auto_drop`, …
  package var keptBy: String

  /// The row of a summary.
  package init(_ summary: TraceSummary) {
    traceID = summary.id.hex
    startNs = summary.startNs
    aheadNs = summary.aheadNs > 0 ? summary.aheadNs : nil
    durationNs = summary.durationNs
    rootService = summary.rootService
    rootResource = summary.rootResource
    rootOperation = summary.rootOperation
    env = summary.env
    spanCount = summary.spanCount
    errorCount = summary.errorCount
    services = summary.services
    statusCode = summary.statusCode
    isKept = summary.isKept
    keptBy = summary.keptBy
  }
}

extension TraceRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["isKept": "kept"]
}

/// The traces that a query found, in its order.
package struct TracesAnswer: Sendable, Equatable, JSONDocument, NamedMembers {
  package static let schema = "roost.traces.v1"
  package static let internalMembers: Set = ["now_ns"]
  package static let memberNames = ["rows": "traces"]

  /// One for each trace, sorted as the query asked.
  package var rows: [TraceRow]
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
  /// The agent's clock when it answered, in ns since 1970; ages are counted from here.
  package var nowNs: Int64

  /// The rows in their order.
  package init(
    nowNs: Int64, rows: [TraceRow], hasMore: Bool = false, arrivedUpTo: Int64? = nil, searchedBackToNs: Int64? = nil
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
      nowNs: nowNs, rows: found.summaries.map(TraceRow.init), hasMore: found.hasMore,
      arrivedUpTo: found.arrivedUpTo, searchedBackToNs: found.searchedBackToNs)
  }
}
