import Control
import Text

extension TopScreen {
  /// The whole screen as lines, each of them at most as wide as it may be.
  package mutating func lines(width: Int, height: Int, colors: Bool) -> [String] {
    guard height > 0, width > 0 else { return [] }
    let drawing = Drawing(width: width, colors: colors)
    let head = [headline(drawing), ""]
    let foot = [footline(drawing)]
    let places = max(0, height - head.count - foot.count)
    var body = showsHelp ? Self.help : content(drawing, places: places)
    body = Array(body.prefix(places))
    body += repeatElement("", count: places - body.count)
    return (head + body + foot).prefix(height).map { Self.cut($0, to: width) }
  }

  private mutating func content(_ drawing: Drawing, places: Int) -> [String] {
    let width = drawing.width ?? 80
    if case .trace(let lines) = level.data {
      let offset = min(level.offset, max(0, lines.count - places))
      drew(rows: places, offset: offset)
      return lines.dropFirst(offset).prefix(places).map { $0 }
    }
    guard let table else { return [problem == nil ? "Asking the agent …" : ""] }
    let rows = rows(of: table)
    guard !rows.isEmpty else { return [emptyLine] }
    // Notes make way where there is hardly a row to be seen.
    let notes = table.notes.prefix(max(0, places - 4)).map { Style.warning.applied(to: $0, colors: drawing.colors) }
    let page = max(1, places - 1 - notes.count)
    let selection = selection(in: rows)
    // As far as it takes to see the selected row, and no row below the last.
    let offset = min(max(min(level.offset, selection), selection - page + 1), max(0, rows.count - page))
    drew(rows: page, offset: offset)
    return table.lines(
      rows[offset..<min(offset + page, rows.count)], width: width, selection: selection - offset,
      sorted: table.sortable[sort(of: table)], isReversed: level.isReversed, colors: drawing.colors) + notes
  }

  private var emptyLine: String {
    if !level.filter.isEmpty { return "Nothing here holds \"\(safeText(level.filter))\"; Esc shows all." }
    if case .traces = level.place { return "No trace of it is stored." }
    return "Nothing has arrived in the \(window.text); w looks further back."
  }

  /// Where one is, over what time, and what narrows it.
  private func headline(_ drawing: Drawing) -> String {
    let width = drawing.width ?? 80
    var way = ["roost"]
    for level in levels.dropFirst() {
      switch level.place {
      case .services: break
      case .resources(let service, _): way.append(service)
      case .traces(let scope): way.append(scope.resource ?? (levels.count > 2 ? "traces" : scope.service))
      case .trace(let id): way.append(String(id.suffix(16)))
      }
    }
    var facts: [String] = []
    switch level.place {
    case .services, .resources: facts.append(window.text)
    case .traces: facts.append(level.sort == 1 ? "longest traces" : "newest traces")
    case .trace: break
    }
    if !level.filter.isEmpty { facts.append("filter: " + safeText(level.filter)) }
    let count = shownCount
    if let count { facts.append(count) }
    let right = (isPaused ? "PAUSED  " : "") + facts.joined(separator: " · ")
    let left = way.map { safeText(String($0.prefix(300))) }.joined(separator: " › ")
      .truncatedInMiddle(to: max(8, width - right.displayWidth - 2))
    let gap = String(repeating: " ", count: max(2, width - left.displayWidth - right.displayWidth))
    let shownRight = right.fitting(max(0, width - left.displayWidth - 2))
    return Style.heading.applied(to: left.fitting(width), colors: drawing.colors)
      + (shownRight.isEmpty
        ? "" : gap + (isPaused ? Style.warning : .faint).applied(to: shownRight, colors: drawing.colors))
  }

  private var shownCount: String? {
    guard let table else { return nil }
    let shown = rows(of: table).count
    let all = "\(table.rows.count) row" + (table.rows.count == 1 ? "" : "s")
    return shown == table.rows.count ? all : "\(shown) of \(all)"
  }

  private func footline(_ drawing: Drawing) -> String {
    if isTyping { return "/" + safeText(level.filter) + "▏" }
    if let problem { return Style.bad.applied(to: problem, colors: drawing.colors) }
    let isTrace = if case .trace = level.place { true } else { false }
    let keys =
      isTrace
      ? ["q quit", "? help", "↑↓ scroll", "Esc back", "v tags"]
      : ["q quit", "? help", "↑↓ select", "Enter open"] + (levels.count > 1 ? ["Esc back"] : [])
        + ["s sort", "/ filter", "w time", "p pause"]
    // Those for which there is space; the help has all.
    var line = keys[0]
    for key in keys.dropFirst() where (line + "  " + key).displayWidth <= drawing.width ?? .max { line += "  " + key }
    return Style.faint.applied(to: line, colors: drawing.colors)
  }

  /// A line with escape sequences, cut to a width where it is wider.
  static func cut(_ line: String, to width: Int) -> String {
    guard StyledRun.text(of: line).displayWidth > width else { return line }
    var left = width
    var cut = ""
    for run in StyledRun.runs(of: line) {
      let text = run.text.fitting(left)
      left -= text.displayWidth
      cut += run.look.applied(to: text)
      if text.count < run.text.count { break }
    }
    return cut
  }

  private static let help = [
    "  ↑ ↓ k j           select a row, or scroll a trace", "  PgUp PgDn g G     a page, to the first, to the last",
    "  Enter → l         open: a service, a resource, a trace", "  Esc ← h           clear the filter, or go back",
    "  t                 the traces of the selected row", "  s S               sort by the next, the previous column",
    "  r                 reverse the order", "  /                 show only rows that hold a text",
    "  v                 a trace with all tags of its spans, and without",
    "  w                 count the last minute, 15 minutes, hour", "  p Space           pause, and go on",
    "  q Ctrl-C          quit",
  ]
}

extension StyledRun.Look {
  /// A text between the escape sequences of this look.
  fileprivate func applied(to text: String) -> String {
    var codes = (isBold ? ["1"] : []) + (isFaint ? ["2"] : []) + (isReversed ? ["7"] : [])
    if let color { codes.append(String(30 + Int(color))) }
    return codes.isEmpty || text.isEmpty ? text : "\u{1b}[\(codes.joined(separator: ";"))m\(text)\u{1b}[0m"
  }
}
