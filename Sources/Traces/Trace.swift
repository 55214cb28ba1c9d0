/// A trace as it is read: the spans of all its chunks, whenever and from whichever services they came.
package struct Trace: Sendable, Equatable {
  package var id: TraceID
  /// In the order of their starts; those that start together, in the order in which they came.
  package var spans: [TraceSpan]
  /// Whether sampling sent a chunk of it on.
  package var isKept: Bool
  /// The decision's name, as `roost info` has it: `priority`, `errors`, `sampling_auto_drop`, …
  package var keptBy: String
  /// Spans that are stored and not here, because the trace is too large to be read whole.
  package var unreadSpans = 0

  /// A trace of the spans of its chunks, in any order.
  package init(id: TraceID, spans: [TraceSpan], isKept: Bool, keptBy: String) {
    self.id = id
    self.spans = spans.enumerated().sorted { ($0.element.startNs, $0.offset) < ($1.element.startNs, $1.offset) }
      .map(\.element)
    self.isKept = isKept
    self.keptBy = keptBy
  }
}

/// What a list of traces says of one.
package struct TraceSummary: Sendable, Equatable {
  package var id: TraceID
  /// Start of its first span, ns since 1970.
  package var startNs: Int64
  /// How much later than it came it began, by the clock of who sent it; 0 unless that is ahead by a second or more. Lists
  /// place it where it came.
  package var aheadNs: Int64 = 0
  /// From the start of its first span to the end of its last, in ns, with clocks of services that differ made equal as in
  /// its tree.
  package var durationNs: Int64
  package var rootService: String
  package var rootResource: String
  package var rootOperation: String
  package var env: String
  package var spanCount: Int
  package var errorCount: Int
  /// Those that it passed, in the order in which they came to it.
  package var services: [String]
  /// The root's HTTP status; empty when it has none.
  package var statusCode: String
  package var isKept: Bool
  /// The sampling decision's name, as `roost info` has it.
  package var keptBy: String

  /// All that a row of the list shows.
  package init(
    id: TraceID, startNs: Int64, durationNs: Int64, rootService: String, rootResource: String, rootOperation: String,
    env: String, spanCount: Int, errorCount: Int, services: [String], statusCode: String, isKept: Bool, keptBy: String
  ) {
    self.id = id
    self.startNs = startNs
    self.durationNs = durationNs
    self.rootService = rootService
    self.rootResource = rootResource
    self.rootOperation = rootOperation
    self.env = env
    self.spanCount = spanCount
    self.errorCount = errorCount
    self.services = services
    self.statusCode = statusCode
    self.isKept = isKept
    self.keptBy = keptBy
  }
}

extension TraceSummary {
  /// What a trace comes to. Its root is its first span without a parent in it, services' entries before others.
  package init(_ trace: Trace) {
    let spans = trace.spans
    let ids = Set(spans.map(\.spanID))
    let root =
      spans.first { $0.parentID == 0 } ?? spans.first { !ids.contains($0.parentID) } ?? spans.first
    var services: [String] = []
    var seen: Set<String> = []
    for span in spans where seen.insert(span.service).inserted { services.append(span.service) }
    let startNs = spans.first?.startNs ?? 0
    let endNs = spans.lazy.map(\.endNs).max() ?? startNs
    let (untilEndNs, overflow) = max(startNs, endNs).subtractingReportingOverflow(startNs)
    let durationNs = services.count > 1 ? TraceTree.durationNs(of: trace) : overflow ? .max : untilEndNs
    self.init(
      id: trace.id, startNs: startNs, durationNs: durationNs,
      rootService: root?.service ?? "", rootResource: root?.resource ?? "", rootOperation: root?.operation ?? "",
      env: root?.meta("env") ?? spans.lazy.compactMap { $0.meta("env") }.first ?? "",
      spanCount: spans.count + trace.unreadSpans,
      errorCount: spans.count(where: \.isError), services: services,
      statusCode: root?.statusCode ?? "",
      isKept: trace.isKept, keptBy: trace.keptBy)
  }
}

extension TraceSpan {
  /// The HTTP status of its answer, which some clients send as a text and others as a number; `nil` when it has none.
  package var statusCode: String? {
    for key in ["http.status_code", "http.response.status_code"] {
      if let text = meta(key) ?? metric(key).map(TraceSpan.text) { return text }
    }
    return nil
  }
}
