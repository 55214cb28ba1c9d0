/// Which traces a list holds, and in which order.
package struct TracesQuery: Sendable, Equatable {
  /// What a list is sorted by, the greatest first.
  package enum Order: String, Sendable, Equatable, CaseIterable {
    case start, duration, spans
  }

  /// What a trace has to fulfil.
  package var filter: TraceFilter
  /// Start of a trace, in ns since 1970: this or later; `nil` is as far back as there are traces.
  package var sinceNs: Int64?
  /// Start of a trace, in ns since 1970: earlier than this.
  package var untilNs: Int64?
  package var order: Order
  /// A `TracesFound.arrivedUpTo` of an earlier query: only traces of which something has come since then, in the order in
  /// which it came, whatever `order` says. So nothing is missed by asking again and again, whenever a trace began.
  package var arrivedAfter: Int64?
  /// Traces that a list holds at most.
  package var limit: Int

  /// The newest traces of all, unless it says otherwise.
  package init(
    filter: TraceFilter = .all, sinceNs: Int64? = nil, untilNs: Int64? = nil, order: Order = .start,
    arrivedAfter: Int64? = nil, limit: Int = 50
  ) {
    self.filter = filter
    self.sinceNs = sinceNs
    self.untilNs = untilNs
    self.order = order
    self.arrivedAfter = arrivedAfter
    self.limit = limit
  }
}

/// The traces that were found.
package struct TracesFound: Sendable, Equatable {
  package var summaries: [TraceSummary]
  /// Whether there are more than the limit let through.
  package var hasMore: Bool
  /// How far the search has looked in the order of arrival, for the `arrivedAfter` of the next one; `nil` where nothing is
  /// kept.
  package var arrivedUpTo: Int64?
  /// The search ended early, to answer in time: traces that start before this were not looked at; ns since 1970.
  package var searchedBackToNs: Int64?

  /// What a search has come to.
  package init(
    summaries: [TraceSummary] = [], hasMore: Bool = false, arrivedUpTo: Int64? = nil, searchedBackToNs: Int64? = nil
  ) {
    self.summaries = summaries
    self.hasMore = hasMore
    self.arrivedUpTo = arrivedUpTo
    self.searchedBackToNs = searchedBackToNs
  }
}

/// Which trace is to be read whole.
package enum TraceSelector: Sendable, Equatable {
  /// The first hexadecimal digits of an id of 128 bits or of its lower half, in small letters, or all of them.
  case hexPrefix(String)
  /// The lower half of an id, as older tracers write it: decimal.
  case low(UInt64)
  /// The one that started last.
  case last
  /// The one with the longest span of that service and resource.
  case slowest(service: String, resource: String)
  /// The newest in which a span of that service failed.
  case error(service: String)
}

/// What there is for a selector.
package enum TraceLookup: Sendable {
  case found(Trace)
  /// The one that fits best of those that were looked at: the search ended early, to answer in time.
  case foundSoFar(Trace)
  /// Ids that all begin as was typed, at most twenty.
  case ambiguous([TraceID])
  case none
  /// None of those that were looked at: the search ended early, to answer in time.
  case noneSoFar
}

/// Whoever has traces: an agent's store, or a file of one.
package protocol TraceReading: Sendable {
  /// Why it cannot be read just now.
  associatedtype Failure: Error

  /// The traces of a query.
  func traces(_ query: TracesQuery) throws(Failure) -> TracesFound
  /// One trace with all of its spans.
  func trace(_ selector: TraceSelector) throws(Failure) -> TraceLookup
}
