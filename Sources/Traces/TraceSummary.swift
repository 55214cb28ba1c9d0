import JSON

/// What a list of traces says of one; a row of `roost.traces.v1`.
package struct TraceSummary: Sendable, Equatable, Codable {
  package var id: TraceID
  /// Start of its first span, in ns since 1970.
  package var startNs: Int64
  /// How much later than it came it began, by the clock of who sent it, in ns; `nil` unless that is ahead by a second or
  /// more. Lists place it where it came.
  package var aheadNs: Int64?
  /// From the start of its first span to the end of its last, in ns, with clocks of services that differ made equal as in
  /// its tree.
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
  /// The sampling decision's name, as `roost info` has it: `priority`, `errors`, `sampling_auto_drop`, …
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

extension TraceSummary: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["id": "trace_id", "isKept": "kept"]
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
