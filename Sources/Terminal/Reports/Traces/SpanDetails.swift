import Text
import Traces

/// What stands below a span's line: why it failed, what it is linked to, what happened in it, and its tags.
struct SpanDetails {
  /// Events of a span that are listed; of its links as many.
  private static let listedMax = 5
  /// The same where all of a span is asked for.
  private static let listedMaxVerbose = 100
  /// Lines of one tag, link or event where all of it is shown.
  private static let lineMax = 20

  private let tree: TraceTree
  private let place: Int
  /// What is told of its failure here; `nil` when it did not fail, or another span says it.
  private let failure: TraceError?
  private let isVerbose: Bool

  init(_ tree: TraceTree, _ place: Int, failure: TraceError?, isVerbose: Bool) {
    self.tree = tree
    self.place = place
    self.failure = failure
    self.isVerbose = isVerbose
  }

  private var span: TraceSpan { tree.trace.spans[place] }

  func lines(indent: String, _ drawing: Drawing) -> [String] {
    let width = drawing.width.map { max(10, $0 - indent.displayWidth) }
    let lead = Style.faint.applied(to: indent, colors: drawing.colors)
    let more = links + events + (isVerbose ? tags : [])
    return (error + (isVerbose ? more.flatMap { wrapped($0, width) } : more)).map { text, style in
      // The end of a stack's line names the place, its beginning a folder.
      let isOfStack = style == .faint && text.hasPrefix("  ")
      let fitting = isOfStack ? width.map(text.truncatedInMiddle) ?? text : text.fittingLine(width)
      return lead + style.applied(to: fitting, colors: drawing.colors)
    }
  }

  private var error: [(String, Style)] {
    guard let error = failure else { return [] }
    let message = error.title.split(whereSeparator: \.isNewline).joined(separator: " ")
    return [(safeText(shortened(message)), .bad)] + error.stack.map { ("  " + safeText(shortened($0)), .faint) }
  }

  private var links: [(String, Style)] {
    span.links.prefix(listedMax).map { (safeText("↗ " + $0.text(in: tree.trace.id)), .plain) }
      + more(span.links.count, "link")
  }

  private var events: [(String, Style)] {
    let own = TraceError(span)
    // What made the span fail is told here or below already.
    let listed = span.events.filter { event in
      isVerbose || !(own.map { TraceError(event)?.repeats($0) ?? false } ?? false)
    }
    let lines = listed.prefix(listedMax).flatMap { event -> [(String, Style)] in
      let stack = TraceError(event)?.stack ?? []
      return [(safeText("• " + event.text(in: span)), .plain)]
        + stack.map { ("    " + safeText(shortened($0)), .faint) }
    }
    return lines + more(listed.count, "event")
  }

  private var listedMax: Int { isVerbose ? Self.listedMaxVerbose : Self.listedMax }

  private func more(_ count: Int, _ what: String) -> [(String, Style)] {
    let left = count - listedMax
    return left > 0 ? [("… \(left) more \(what)\(left == 1 ? "" : "s")", .faint)] : []
  }

  private var tags: [(String, Style)] {
    var tags = [("span_id", TraceID.hex(span.spanID)), ("type", span.type)].filter { !$0.1.isEmpty }
    tags += span.meta.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    tags += span.metrics.sorted { $0.key < $1.key }.map { ($0.key, TraceSpan.text(of: $0.value)) }
    return tags.map { key, value in
      ("\(safeText(shortened(key))): \(safeText(String(value.prefix(20_000))))", .faint)
    }
  }

  /// A line on as many as it needs, up to a limit.
  private func wrapped(_ line: (text: String, style: Style), _ width: Int?) -> [(String, Style)] {
    guard let width else { return [line] }
    var lines: [(String, Style)] = []
    var rest = line.text[...]
    while !rest.isEmpty, lines.count < Self.lineMax {
      let part = String(rest).fitting(lines.isEmpty ? width : width - 2)
      guard !part.isEmpty else { break }
      lines.append((lines.isEmpty ? part : "  " + part, line.style))
      rest = rest.dropFirst(part.count)
    }
    return rest.isEmpty ? lines : lines + [("  …", line.style)]
  }
}
