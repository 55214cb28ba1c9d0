import Text
import Traces

/// What stands below a span's line: why it failed, what it is linked to, what happened in it, and its tags.
struct SpanDetails {
  /// Events of a span that are listed; of its links as many.
  private static let listedMax = 5
  /// Lines of one tag's value.
  private static let valueLinesMax = 20

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
    return (error + links + events + (isVerbose ? tags(width) : [])).map { text, style in
      lead + style.applied(to: text.fittingLine(width), colors: drawing.colors)
    }
  }

  private var error: [(String, Style)] {
    guard let error = failure else { return [] }
    let message = error.title.split(whereSeparator: \.isNewline).joined(separator: " ")
    return [(safeText(shortened(message)), .bad)] + error.stack.map { ("  " + safeText(shortened($0)), .faint) }
  }

  private var links: [(String, Style)] {
    let lines = span.links.prefix(Self.listedMax).map { link -> (String, Style) in
      let trace = link.traceID.isSameTrace(as: tree.trace.id) ? "this trace" : "trace \(link.traceID.hex)"
      return ("↗ span \(TraceID.hex(link.spanID)) of \(trace)\(Self.attributes(link.attributes))", .plain)
    }
    return lines + more(span.links.count, "links")
  }

  private var events: [(String, Style)] {
    let listed = span.events.filter { isVerbose || failure == nil || $0.name.lowercased() != "exception" }
    let lines = listed.prefix(Self.listedMax).map { event -> (String, Style) in
      let (after, overflow) = event.timeNs.subtractingReportingOverflow(span.startNs)
      let moment = overflow || after < 0 ? "" : "+\(HumanDuration.latency(UInt64(after))) "
      return ("• \(moment)\(safeText(shortened(event.name)))\(Self.attributes(event.attributes))", .plain)
    }
    return lines + more(listed.count, "events")
  }

  private func more(_ count: Int, _ what: String) -> [(String, Style)] {
    count > Self.listedMax ? [("… \(count - Self.listedMax) more \(what)", .faint)] : []
  }

  private func tags(_ width: Int?) -> [(String, Style)] {
    var tags = [("span_id", TraceID.hex(span.spanID)), ("type", span.type)].filter { !$0.1.isEmpty }
    tags += span.meta.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    tags += span.metrics.sorted { $0.key < $1.key }.map { ($0.key, TraceSpan.text(of: $0.value)) }
    return tags.flatMap { key, value -> [(String, Style)] in
      let text = "\(safeText(shortened(key))): \(safeText(String(value.prefix(20_000))))"
      guard let width else { return [(text, .faint)] }
      var lines: [(String, Style)] = []
      var rest = text[...]
      while !rest.isEmpty, lines.count < Self.valueLinesMax {
        let part = String(rest).fitting(lines.isEmpty ? width : width - 2)
        guard !part.isEmpty else { break }
        lines.append((lines.isEmpty ? part : "  " + part, .faint))
        rest = rest.dropFirst(part.count)
      }
      if !rest.isEmpty { lines.append(("  …", .faint)) }
      return lines
    }
  }

  private static func attributes(_ attributes: [TraceAttribute]) -> String {
    attributes.prefix(8).map { "  \(safeText(shortened($0.key)))=\(safeText(shortened($0.value.text)))" }.joined()
  }
}
