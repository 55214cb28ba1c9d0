import Text

extension TraceSpanLink {
  /// Where it leads and why, on one line, for people who read the trace of `id`. Texts of clients are in it as they came.
  package func text(in id: TraceID) -> String {
    let target =
      isPointer
      ? "span pointer"
      : "span \(TraceID.hex(spanID)) of " + (traceID.isSameTrace(as: id) ? "this trace" : "trace \(traceID.hex)")
    return target + attributes.brief(dropped: droppedAttributes)
  }
}

extension TraceSpanEvent {
  /// What happened, and how long after its span's start, on one line. Texts of clients are in it as they came.
  package func text(in span: TraceSpan) -> String {
    let (afterNs, overflow) = timeNs.subtractingReportingOverflow(span.startNs)
    let moment = overflow || afterNs < 0 ? "" : "+\(HumanDuration.latency(UInt64(afterNs))) "
    guard let error = TraceError(self), !error.isSilent else {
      return moment + name.brief + attributes.brief(dropped: droppedAttributes)
    }
    let others = attributes.filter { !$0.key.hasPrefix("exception.") && !$0.key.hasPrefix("error.") }
    return moment + name.brief + " " + error.title.brief + others.brief(dropped: droppedAttributes)
  }
}

extension [TraceAttribute] {
  /// Attributes that a line has place for.
  private static let listedMax = 8

  /// By name, as tracers write them in any order.
  fileprivate func brief(dropped: UInt32) -> String {
    let listed = sorted { $0.key < $1.key }.prefix(Self.listedMax).map { "  \($0.key.brief)=\($0.value.text.brief)" }
    let left = UInt64(count - listed.count) + UInt64(dropped)
    return listed.joined() + (left > 0 ? "  … \(HumanNumber.count(left)) more" : "")
  }
}

extension String {
  /// Its first words on one line.
  fileprivate var brief: String {
    let start = prefix(500)
    let words = start.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return start.endIndex == endIndex ? words : words + "…"
  }
}
