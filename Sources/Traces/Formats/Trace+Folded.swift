extension TraceTree {
  /// Frames of a stack at most; the time of spans below is given to the last one. A chain of ten thousand spans would
  /// else take gigabytes.
  private static let framesMax = 256

  /// Stacks as flame graph programs read them, one a line: a frame for each service that is entered and for each span's
  /// operation and resource, `;` between them, and the spans' own time in microseconds.
  package var foldedStacks: [String] {
    var totals: [String: Int64] = [:]
    var stacks: [String] = []
    // The stack of each span above, and its service.
    var open: [(stack: String, service: String)] = []
    for (span, depth) in inOrder {
      let shown = min(depth, Self.framesMax)
      open.removeSubrange(min(shown, open.count)...)
      let frame = trace.spans[span]
      var stack = open.last?.stack ?? ""
      if depth < Self.framesMax {
        if open.last?.service != frame.service { stack += (stack.isEmpty ? "" : ";") + Self.frame(frame.service) }
        stack += ";" + Self.frame(frame.title)
        open.append((stack, frame.service))
      }
      let us = selfNs[span] / 1000
      guard us > 0 else { continue }
      if totals[stack] == nil { stacks.append(stack) }
      totals[stack, default: 0] &+= us
    }
    return stacks.map { "\($0) \(totals[$0] ?? 0)" }
  }

  private static func frame(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.prefix(200).map { $0 == ";" ? ":" : $0.value < 0x20 ? " " : $0 }))
  }
}
