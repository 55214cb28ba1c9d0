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

extension TraceSpan {
  /// The HTTP status of its answer, which some clients send as a text and others as a number; `nil` when it has none.
  package var statusCode: String? {
    for key in ["http.status_code", "http.response.status_code"] {
      if let text = meta(key) ?? metric(key).map(TraceSpan.text) { return text }
    }
    return nil
  }
}
