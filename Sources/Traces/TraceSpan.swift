/// A span as it is read: what was stored of it, which is what would be forwarded.
package struct TraceSpan: Sendable, Equatable {
  package var spanID: UInt64
  /// 0 for a root, else the id of the span above it.
  package var parentID: UInt64
  package var service: String
  package var operation: String
  package var resource: String
  package var type: String
  /// When it began, in ns since 1970.
  package var startNs: Int64
  package var durationNs: Int64
  package var isError: Bool
  /// Text attributes in the order in which they came; a key may come twice.
  package var meta: [(key: String, value: String)]
  /// Number attributes in the order in which they came.
  package var metrics: [(key: String, value: Double)]
  package var links: [TraceSpanLink]
  package var events: [TraceSpanEvent]

  /// A span without attributes, links and events.
  package init(
    spanID: UInt64, parentID: UInt64 = 0, service: String, operation: String, resource: String, type: String = "",
    startNs: Int64, durationNs: Int64, isError: Bool = false
  ) {
    self.spanID = spanID
    self.parentID = parentID
    self.service = service
    self.operation = operation
    self.resource = resource
    self.type = type
    self.startNs = startNs
    self.durationNs = durationNs
    self.isError = isError
    meta = []
    metrics = []
    links = []
    events = []
  }

  /// End in ns since 1970; never overflows.
  package var endNs: Int64 {
    let (end, overflow) = startNs.addingReportingOverflow(durationNs)
    return overflow ? (durationNs < 0 ? .min : .max) : end
  }

  /// The text attribute of that key; of duplicates the last one.
  package func meta(_ key: String) -> String? { meta.last { $0.key == key }?.value }

  /// The number attribute of that key; of duplicates the last one.
  package func metric(_ key: String) -> Double? { metrics.last { $0.key == key }?.value }

  package static func == (a: TraceSpan, b: TraceSpan) -> Bool {
    a.spanID == b.spanID && a.parentID == b.parentID && a.service == b.service && a.operation == b.operation
      && a.resource == b.resource && a.type == b.type && a.startNs == b.startNs && a.durationNs == b.durationNs
      && a.isError == b.isError && a.meta.elementsEqual(b.meta, by: ==)
      && a.metrics.elementsEqual(b.metrics, by: ==) && a.links == b.links && a.events == b.events
  }
}
