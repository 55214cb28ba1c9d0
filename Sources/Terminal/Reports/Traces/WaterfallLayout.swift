import Text
import Traces

/// Where tree, times and bars stand, and how a moment becomes a column.
struct WaterfallLayout {
  /// What is drawn for a pipe that sets no limit.
  private static let usualWidth = 120
  private static let timeWidth = 7

  /// Columns of the tree from which on a fold's total stands in its line, not among the times.
  private static let roomyTextWidth = 56

  let textWidth: Int
  /// 0 where there is no place for bars.
  let barWidth: Int
  private let showsSelf: Bool
  private let totalNs: Int64

  /// - Parameters:
  ///   - width: columns of the terminal; `nil` sets no limit.
  ///   - totalNs: how long the trace takes.
  init(width: Int?, totalNs: Int64) {
    let width = max(20, width ?? Self.usualWidth)
    barWidth = width < 50 ? 0 : width < 100 ? width / 5 : min(60, width * 3 / 10)
    showsSelf = width >= 60
    let numbers = (showsSelf ? 2 : 1) * (Self.timeWidth + 2)
    textWidth = max(8, width - numbers - (barWidth > 0 ? barWidth + 2 : 0))
    self.totalNs = max(1, totalNs)
  }

  var isRoomy: Bool { textWidth >= Self.roomyTextWidth }

  /// The columns' names, and the time axis over the bars.
  func heading(_ drawing: Drawing) -> String {
    var line = "SPAN" + spaces(textWidth - 4) + right("TIME") + (showsSelf ? right("SELF") : "")
    if barWidth > 0 {
      let half = HumanDuration.latency(UInt64(clamping: totalNs / 2))
      let whole = HumanDuration.latency(UInt64(clamping: totalNs))
      let start = "0" + (barWidth >= 30 ? spaces(barWidth / 2 - 1) + half : "")
      line += "  " + start + spaces(barWidth - start.displayWidth - whole.displayWidth) + whole
    }
    return Style.heading.applied(to: line, colors: drawing.colors)
  }

  /// A line of the tree with its numbers and bars; a number that is `nil` is left out.
  func line(
    _ text: StyledLine, ns: Int64?, selfNs: Int64?, bars: [SpanTime], isCritical: Bool, style: Style, _ drawing: Drawing
  ) -> String {
    func number(_ ns: Int64?) -> String { right(ns.map { HumanDuration.latency(UInt64(clamping: $0)) } ?? "") }
    var line = text.text(drawing, padded: true) + number(ns) + (showsSelf ? number(selfNs) : "")
    if barWidth > 0, !bars.isEmpty {
      let bar = self.bar(bars, isCritical ? "█" : "▒")
      line += "  " + spaces(bar.start) + style.applied(to: bar.text, colors: drawing.colors)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  /// At least one column for each time, however short.
  private func bar(_ times: [SpanTime], _ mark: Character) -> (start: Int, text: String) {
    var columns = [Character](repeating: " ", count: barWidth)
    for time in times {
      let first = min(barWidth - 1, column(time.startNs, .down))
      for column in first..<min(barWidth, max(first + 1, column(time.endNs, .up))) { columns[column] = mark }
    }
    let start = columns.firstIndex(of: mark) ?? 0
    let end = columns.lastIndex(of: mark) ?? 0
    return (start, String(columns[start...end]))
  }

  private func column(_ ns: Int64, _ rounding: FloatingPointRoundingRule) -> Int {
    // Far from the limits of `Int`: times and widths are not negative, and a time is at most some totals.
    Int(min(Double(barWidth), (Double(ns) / Double(totalNs) * Double(barWidth)).rounded(rounding)))
  }

  private func right(_ text: String) -> String { spaces(Self.timeWidth + 2 - text.displayWidth) + text }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

/// The left part of a line, in pieces of different styles, never wider than it may be.
struct StyledLine {
  private var pieces: [(text: String, style: Style)] = []
  /// Columns that no piece has taken.
  private(set) var left: Int

  init(width: Int) { left = width }

  /// Adds what there is place for of a text.
  mutating func add(_ text: String, _ style: Style = .plain) {
    let fitting = text.displayWidth <= left ? text : text.fittingLine(left)
    guard !fitting.isEmpty else { return }
    left -= fitting.displayWidth
    pieces.append((fitting, style))
  }

  /// Adds a text that may lose its middle, and leaves `reserve` columns free.
  mutating func addMiddle(_ text: String, _ style: Style = .plain, reserve: Int = 0) {
    add(text.truncatedInMiddle(to: max(0, left - reserve)), style)
  }

  func text(_ drawing: Drawing, padded: Bool) -> String {
    pieces.map { $0.style.applied(to: $0.text, colors: drawing.colors) }.joined()
      + (padded ? String(repeating: " ", count: left) : "")
  }
}

/// The lines that lead from a span to its children.
struct TreeGuides {
  /// Levels that are drawn; of deeper ones the number stands in their place.
  private let levelsMax: Int
  private var depth = 0
  /// Of each level from the top to the line at hand: whether no other line of the same parent follows.
  private var isLast: [Bool] = []

  init(widthMax: Int) { levelsMax = max(2, widthMax / 2) }

  mutating func enter(_ row: TraceOutline.Row) {
    depth = row.depth
    isLast.removeSubrange(min(depth, isLast.count)...)
    isLast.append(row.isLast)
  }

  /// In front of the line itself.
  var text: String {
    guard depth > 0 else { return "" }
    guard depth <= levelsMax else { return deep + (isLast[depth] ? "└ " : "├ ") }
    return passing(1..<depth) + (isLast[depth] ? "└ " : "├ ")
  }

  /// In front of further lines about the same span.
  func below(isAboveOthers: Bool) -> String {
    let own = isAboveOthers ? "│ " : "  "
    return depth <= levelsMax
      ? passing(1..<(depth + 1)) + own : String(repeating: " ", count: deep.displayWidth + 2) + own
  }

  private var deep: String { "…\(depth) " }

  private func passing(_ levels: Range<Int>) -> String {
    levels.isEmpty ? "" : levels.map { isLast[$0] ? "  " : "│ " }.joined()
  }
}
