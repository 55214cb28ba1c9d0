import Text

extension Table {
  /// The lines of the table, without ends of line. A line is cut rather than wrapped when nothing else helps.
  package func lines(_ drawing: Drawing) -> [String] {
    var kept = Array(columns.indices)
    var widths = kept.map { naturalWidth($0, header: drawing.header) }
    if let limit = drawing.width {
      while total(widths) - shrinkage(kept, widths) > limit, let least = leastWanted(kept) {
        kept.remove(at: least)
        widths.remove(at: least)
      }
      shrink(&widths, kept, to: limit)
    } else {
      for (position, column) in kept.enumerated() where columns[column].isShrinkable {
        widths[position] = min(widths[position], Self.paddedWidthMax)
      }
    }
    var lines: [String] = []
    if drawing.header {
      let titles = columns.map { Cell($0.title, .heading) }
      lines.append(line(titles, kept, widths, drawing))
    }
    return lines + rows.map { line($0, kept, widths, drawing) }
  }

  private func naturalWidth(_ column: Int, header: Bool) -> Int {
    let title = max(columns[column].widthMin, header ? columns[column].title.displayWidth : 0)
    return rows.reduce(title) { max($0, column < $1.count ? $1[column].text.displayWidth : 0) }
  }

  private func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + 2 * max(0, widths.count - 1) }

  /// How many columns the shrinkable ones can give up.
  private func shrinkage(_ kept: [Int], _ widths: [Int]) -> Int {
    zip(kept, widths).reduce(0) { sum, pair in
      columns[pair.0].isShrinkable ? sum + max(0, pair.1 - Self.shrunkWidthMin) : sum
    }
  }

  /// The position in `kept` of the column to drop next.
  private func leastWanted(_ kept: [Int]) -> Int? {
    kept.indices.filter { columns[kept[$0]].dropOrder > 0 }.max {
      columns[kept[$0]].dropOrder < columns[kept[$1]].dropOrder
    }
  }

  /// Takes what is too much from the widest shrinkable columns.
  private func shrink(_ widths: inout [Int], _ kept: [Int], to limit: Int) {
    var excess = total(widths) - limit
    while excess > 0 {
      let candidates = widths.indices.filter { columns[kept[$0]].isShrinkable && widths[$0] > 1 }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }

  private func line(_ cells: [Cell], _ kept: [Int], _ widths: [Int], _ drawing: Drawing) -> String {
    var line = ""
    var used = 0
    for (position, column) in kept.enumerated() {
      let cell = column < cells.count ? cells[column] : Cell("")
      let available = drawing.width.map { max(0, $0 - used) } ?? .max
      // Without a limit nothing is cut: what is longer than its column moves the rest of its line.
      let text =
        drawing.width == nil ? cell.text : cell.text.truncatedInMiddle(to: min(widths[position], available))
      let padding = String(repeating: " ", count: max(0, min(widths[position], available) - text.displayWidth))
      let styled = cell.style.applied(to: text, colors: drawing.colors)
      let isLast = position == kept.count - 1
      if columns[column].alignment == .right {
        line += padding + styled
      } else {
        line += styled + (isLast ? "" : padding)
      }
      used += widths[position] + 2
      if !isLast, drawing.width.map({ used < $0 }) ?? true { line += "  " } else { break }
    }
    // Empty cells at the end leave no trace.
    while line.last == " " { line.removeLast() }
    return line
  }
}
