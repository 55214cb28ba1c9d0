import Control
import Text
import Traces

/// A captured payload: what it is, its traces as trees or its statistics as tables, as far as they could be read, and
/// where the reading ended.
package struct InspectReport: Sendable {
  /// Traces that are drawn, unless somebody asks for more.
  package static let tracesMax = 20

  private let payload: InspectedPayload
  private let tracesMax: Int
  private let isVerbose: Bool
  let time: LocalTime

  /// Takes the payload to draw.
  /// - Parameters:
  ///   - tracesMax: traces, or groups of statistics, that are drawn; of a bad payload the last, of others the first.
  ///   - isVerbose: whether all tags of each span are listed.
  package init(
    _ payload: InspectedPayload, time: LocalTime, tracesMax: Int = Self.tracesMax, isVerbose: Bool = false
  ) {
    self.payload = payload
    self.time = time
    self.tracesMax = max(1, tracesMax)
    self.isVerbose = isVerbose
  }

  /// All of it, line by line.
  package func lines(_ drawing: Drawing) -> [String] {
    let content =
      payload.groups.map { groupLines($0, max: tracesMax, isCut: payload.fault != nil, drawing) } ?? traceLines(drawing)
    return heading(drawing) + content + faultLines(drawing)
  }

  private func heading(_ drawing: Drawing) -> [String] {
    let what = [payload.format, payload.encoding, payload.compression].filter { !$0.isEmpty }.map(safeText)
    let contents =
      payload.groups.map { [count($0.count, "group")] }
      ?? [count(payload.traces.count, "trace"), count(payload.spanCount, "span")]
    let counts = [count(payload.bytes, "byte")] + contents
    let title = what.joined(separator: " ") + ": " + counts.joined(separator: ", ")
    let client = payload.client.map { "\(safeText($0.key)) \(safeText($0.value))" }
    return [Style.heading.applied(to: title.fittingLine(drawing.width), colors: drawing.colors)]
      + client.wrappedFacts(drawing.width) + received(drawing)
  }

  /// From whom the agent has it, and how much of it.
  private func received(_ drawing: Drawing) -> [String] {
    guard let row = payload.received else { return [] }
    let runtime = [row.language, row.languageVersion].filter { !$0.isEmpty }.joined(separator: " ")
    let tracer = row.tracerVersion.isEmpty ? "" : "tracer \(row.tracerVersion)"
    let client = [runtime, tracer].filter { !$0.isEmpty }.joined(separator: " / ")
    let parts = [
      "bad payload \(row.id)", time.full(row.atNs), client.isEmpty ? "unknown client" : client, row.sender, row.path,
      row.contentType.isEmpty ? "no Content-Type" : row.contentType,
      row.contentEncoding.isEmpty ? "" : "Content-Encoding \(row.contentEncoding)",
    ]
    return parts.filter { !$0.isEmpty }.map(safeText).wrappedFacts(drawing.width)
      + keptText(row).wrapped(drawing.width)
  }

  /// How much of it there is to look at; empty for all.
  private func keptText(_ row: BadPayloadRow) -> String {
    switch row.keptBytes {
    case row.bytes: ""
    case 0: "its bytes are not kept: others came since, or local.keep_bad_payloads is false"
    case let kept: "only its first \(count(Int(clamping: kept), "byte")) are kept"
    }
  }

  private func traceLines(_ drawing: Drawing) -> [String] {
    let left = max(0, payload.traces.count - tracesMax)
    let isCutInFront = payload.fault != nil
    let shown = isCutInFront ? payload.traces.suffix(tracesMax) : payload.traces.prefix(tracesMax)
    let text = "… \(count(left, "trace")) \(isCutInFront ? "before these" : "more"); --limit N draws more"
    let note = left == 0 ? [] : ["", text.fittingLine(drawing.width)]
    var lines = isCutInFront ? note : []
    for (number, trace) in zip(shown.indices, shown) { lines += [""] + self.lines(of: trace, number, drawing) }
    return lines + (isCutInFront ? [] : note)
  }

  private func lines(of trace: InspectedTrace, _ number: Int, _ drawing: Drawing) -> [String] {
    let cut = trace.isWhole ? "" : ", as far as it could be read"
    let head = Style.faint.applied(to: "trace \(number)\(cut)".fittingLine(drawing.width), colors: drawing.colors)
    guard !trace.trace.spans.isEmpty else { return [head, "no spans"] }
    let decision = trace.priority.map { "priority \($0)" } ?? "no priority"
    let report = TraceReport(
      TraceAnswer(trace.trace.readingTaggedLists), time: time, isVerbose: isVerbose,
      moreHint: "--json has all of them", decision: decision)
    return [head] + report.lines(drawing)
  }

  /// Where the reading ended, and the bytes there.
  private func faultLines(_ drawing: Drawing) -> [String] {
    guard let fault = payload.fault else { return [] }
    let message = ("✗ " + safeText(fault.message)).wrapped(drawing.width)
    let lines = [""] + message.map { Style.bad.applied(to: $0, colors: drawing.colors) }
    let (bytes, offset) = (payload.besideFault, payload.besideFaultOffset)
    guard let marked = fault.byteOffset.flatMap({ Int(exactly: $0) }), !bytes.isEmpty, marked >= offset,
      marked - offset <= bytes.count
    else { return lines }
    let note = fault.isOfCompression ? "at or shortly before this" : "\(fault.seen), not \(fault.expected)"
    return lines
      + HexLines(bytes: bytes, offset: offset, marked: marked).lines(note: safeText(note), drawing)
  }

  func count(_ number: Int, _ name: String) -> String {
    "\(HumanNumber.count(UInt64(clamping: number))) \(name)\(number == 1 ? "" : "s")"
  }
}
