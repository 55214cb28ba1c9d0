import Text

extension TopTable {
  /// The heading and rows of so many columns' width, the row at `selection` marked.
  ///
  /// - Parameter sorted: position of the column whose heading says that rows are sorted by it.
  func lines(
    _ rows: ArraySlice<TopRow>, width: Int, selection: Int, sorted: Int, isReversed: Bool, colors: Bool
  ) -> [String] {
    let kept = keptColumns(width)
    let titles = columns.enumerated().map { index, column in
      Table.Cell(column.title + (index == sorted ? (isReversed ? "▲" : "▼") : ""), .heading)
    }
    let heading = line(titles, kept, width, colors)
    return [heading]
      + rows.enumerated().map { index, row in
        guard index == selection else { return line(row.cells(), kept, width, colors) }
        let plain = line(row.cells(), kept, width, false)
        let padding = String(repeating: " ", count: max(0, width - plain.displayWidth))
        // Without colours the mark is all there is, and a screen can always swap text and background.
        return Style.selected.applied(to: plain + padding, colors: true)
      }
  }

  /// The columns that have a place, and the width of the one that takes what is left.
  private func keptColumns(_ width: Int) -> [(column: Int, width: Int)] {
    var kept = columns.indices.filter { columns[$0].width != 0 }
    func left() -> Int { width - kept.reduce(0) { $0 + (columns[$1].width.map { $0 + 2 } ?? 0) } }
    while let least = kept.filter({ columns[$0].dropOrder > 0 }).max(by: {
      columns[$0].dropOrder < columns[$1].dropOrder
    }) {
      let wanted = columns[least].dropOrder <= TopColumn.lastDropped ? Self.narrowNameWidth : Self.nameWidth
      guard left() < wanted else { break }
      kept.removeAll { $0 == least }
    }
    let rest = max(1, left())
    return kept.map { ($0, columns[$0].width ?? rest) }
  }

  /// Columns that a name has at least beside all others: few enough that the last minute is seen on 80 columns.
  private static let nameWidth = 18
  /// The same before the numbers go that matter most.
  private static let narrowNameWidth = 14

  private func line(_ cells: [Table.Cell], _ kept: [(column: Int, width: Int)], _ width: Int, _ colors: Bool) -> String
  {
    var line = ""
    var used = 0
    for (position, (column, wanted)) in kept.enumerated() {
      let available = min(wanted, width - used)
      guard available > 0 else { break }
      let cell = cells[column]
      let text = cell.text.truncatedInMiddle(to: available)
      let padding = String(repeating: " ", count: max(0, available - text.displayWidth))
      let styled = cell.style.applied(to: text, colors: colors)
      line += columns[column].alignment == .right ? padding + styled : styled + padding
      used += available
      if position < kept.count - 1, used + 2 < width {
        line += "  "
        used += 2
      }
    }
    return line
  }
}
