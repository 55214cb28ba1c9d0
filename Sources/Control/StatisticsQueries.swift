/// Which spans statistics are made of: those that fit every member that is there.
package struct StatisticsSelection: Sendable, Equatable, Codable {
  /// As spans name it, after normalizing; `nil` is every service but that of `roost send-test`.
  package var service: String?
  /// Exactly as tables list it; `nil` is every resource.
  package var resource: String?
  /// The span name (`flask.request`); `nil` is every operation.
  package var operation: String?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// False counts only service-entry (top-level) spans, true every span that has statistics.
  package var allSpans: Bool

  /// Service-entry spans of all services unless it says otherwise.
  package init(
    service: String? = nil, resource: String? = nil, operation: String? = nil, env: String? = nil,
    allSpans: Bool = false
  ) {
    self.service = service
    self.resource = resource
    self.operation = operation
    self.env = env
    self.allSpans = allSpans
  }
}

/// What a series of its own is made for.
package enum SeriesGrouping: String, Sendable, Codable, CaseIterable {
  /// One series over all that was selected.
  case total
  /// One for each service and environment, as `roost services` has rows.
  case services
  /// One for each resource and operation of a service and environment.
  case resources
}

/// Statistics over time: in steps of equal width, up to now.
package struct SeriesQuery: Sendable, Equatable, Codable {
  /// Which spans the lines are made of.
  package var selection: StatisticsSelection
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// A part of the past, in place of a window that ends now.
  package var range: TimeRange?
  /// The wished width of a step, in nanoseconds; `nil` is one that suits the window. What is kept only in wider steps is
  /// answered in those.
  package var stepNs: Int64?
  /// Missing from a query means `total`.
  package var grouping: SeriesGrouping?
  /// Whether each step has its percentiles too. Sparklines need none, and cost less without.
  package var includesLatency: Bool

  /// Counts of everything in one series unless it says otherwise.
  package init(
    _ selection: StatisticsSelection = StatisticsSelection(), windowNs: Int64? = nil, range: TimeRange? = nil,
    stepNs: Int64? = nil,
    grouping: SeriesGrouping = .total, includesLatency: Bool = false
  ) {
    self.selection = selection
    self.windowNs = windowNs
    self.range = range
    self.stepNs = stepNs
    self.grouping = grouping
    self.includesLatency = includesLatency
  }
}

/// How the durations of the selected spans are spread.
package struct HistogramQuery: Sendable, Equatable, Codable {
  /// Which spans the histogram is made of.
  package var selection: StatisticsSelection
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// A part of the past, in place of a window that ends now.
  package var range: TimeRange?

  /// Durations of everything that is kept, unless it is narrowed.
  package init(
    _ selection: StatisticsSelection = StatisticsSelection(), windowNs: Int64? = nil, range: TimeRange? = nil
  ) {
    self.selection = selection
    self.windowNs = windowNs
    self.range = range
  }
}
