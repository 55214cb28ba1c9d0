import Text

extension TraceTree {
  /// Links and events in Markdown at most, each.
  private static let markdownDetailsMax = 20

  /// What spans are linked to and what happened in them, a list item for each; without the exceptions that are told as
  /// the reasons of failures.
  var markdownDetails: [String] {
    var links: [String] = []
    var events: [String] = []
    for (place, _) in inOrder {
      let span = trace.spans[place]
      let own = TraceError(span)
      for link in span.links { links.append("- ↗ \(Self.inline(span.title)): \(Self.inline(link.text(in: trace.id)))") }
      for event in span.events where !(own.map { TraceError(event)?.repeats($0) ?? false } ?? false) {
        events.append("- • \(Self.inline(span.title)): \(Self.inline(event.text(in: span)))")
      }
    }
    let lines = Self.beginning(links, of: "link") + Self.beginning(events, of: "event")
    return lines.isEmpty ? [] : [""] + lines
  }

  private static func beginning(_ lines: [String], of what: String) -> [String] {
    let left = lines.count - markdownDetailsMax
    guard left > 0 else { return lines }
    return lines.prefix(markdownDetailsMax) + ["- … \(left) more \(what)\(left == 1 ? "" : "s")"]
  }
}
