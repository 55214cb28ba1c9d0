import Text

extension TraceTree {
  /// Lines of the tree in Markdown at most: a ticket or a chat is no place for more.
  private static let markdownRowsMax = 60

  /// The trace for a ticket or a chat: what it was, its tree, and why it failed.
  /// - Parameter startText: its start, for people.
  package func markdown(startText: String) -> String {
    let summary = TraceSummary(trace)
    let duration = HumanDuration.latency(UInt64(clamping: durationNs))
    var lines = ["### \(Self.inline(summary.rootResource)) of \(Self.inline(summary.rootService)): \(duration)"]
    lines[0] += summary.errorCount > 0 ? ", failed" : ""
    let facts = [
      "trace `\(trace.id.hex)`", startText,
      "\(HumanNumber.count(UInt64(summary.spanCount))) span\(summary.spanCount == 1 ? "" : "s")",
      services.prefix(12).map(Self.inline).joined(separator: " → "),
      summary.env.isEmpty ? "" : "env \(Self.inline(summary.env))",
      summary.statusCode.isEmpty ? "" : "status \(Self.inline(summary.statusCode))",
    ]
    lines += ["", facts.filter { !$0.isEmpty }.joined(separator: " · "), ""]
    let outline = TraceOutline(self, rowsMax: Self.markdownRowsMax)
    lines += Self.fenced(["    TIME     SELF"] + outline.rows.map { textLine($0) })
    for (_, error) in failures.sorted(by: { $0.key < $1.key }).prefix(3) {
      lines += ["", "**\(Self.inline(error.title))**"]
      if !error.stack.isEmpty { lines += [""] + Self.fenced(error.stack.map(safeText)) }
    }
    lines += markdownDetails
    let notes = notes
    if !notes.isEmpty { lines += [""] + notes.map { "- " + $0 } }
    return lines.joined(separator: "\n") + "\n"
  }

  private func textLine(_ row: TraceOutline.Row) -> String {
    let indent = String(repeating: "  ", count: min(row.depth, 30))
    func numbers(_ ns: Int64, _ selfNs: Int64?) -> String {
      let own = selfNs.map { HumanDuration.latency(UInt64(clamping: $0)) } ?? ""
      return Self.right(HumanDuration.latency(UInt64(clamping: ns)), 8) + " " + Self.right(own, 8) + "  "
    }
    switch row.content {
    case .span(let span):
      let shown = trace.spans[span]
      let text = orphanMark(span) + (shown.isError ? "✗ " : "") + enteredService(span) + shown.title
      return numbers(times[span].durationNs, selfNs[span]) + indent + safeText(text.cut(to: 120))
    case .repeated(let repeated):
      let shown = trace.spans[repeated.slowest]
      let mark = orphanMark(repeated.slowest) + "× \(repeated.spans.count) "
      let text = enteredService(repeated.slowest) + shown.title(resource: repeated.resource)
      return numbers(repeated.totalNs, nil) + indent + safeText(mark + text.cut(to: 120))
        + (repeated.looksLikeNPlusOne ? " ← N+1?" : "")
    case .more(let count, let totalNs):
      return numbers(totalNs, nil) + indent + "… \(HumanNumber.count(UInt64(clamping: count))) more"
    }
  }

  /// The service's name in brackets where the trace enters it; else nothing.
  private func enteredService(_ span: Int) -> String {
    let service = trace.spans[span].service
    return parents[span].map { trace.spans[$0].service } == service ? "" : "[\(service)] "
  }

  private func orphanMark(_ span: Int) -> String { isOrphan(span) ? Self.orphanMark : "" }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.displayWidth)) + text
  }

  /// Lines between fences that are longer than any run of backticks in them.
  private static func fenced(_ lines: [String]) -> [String] {
    var longest = 2
    for line in lines {
      var run = 0
      for byte in line.utf8 {
        run = byte == UInt8(ascii: "`") ? run + 1 : 0
        longest = max(longest, run)
      }
    }
    let fence = String(repeating: "`", count: longest + 1)
    return [fence] + lines + [fence]
  }

  /// A text within a line, in which nothing is markup.
  static func inline(_ text: String) -> String {
    var shown = ""
    for character in safeText(text.cut(to: 200)) {
      if "\\`*_[]<>#|~&".contains(character) { shown.append("\\") }
      shown.append(character)
    }
    return shown
  }
}

extension String {
  /// The beginning, and `…` where something was left out.
  fileprivate func cut(to length: Int) -> String {
    let start = prefix(length)
    return start.endIndex == endIndex ? self : start + "…"
  }
}
