/// The options of commands that print a table of statistics, as values.
package struct TableOptions: Sendable, Equatable {
  /// By which column rows are sorted; `nil` leaves them as the agent sends them.
  package var sort: TableColumn?
  /// Rows that are shown at most; `nil` shows all.
  package var limit: Int?
  /// Whether the table is drawn again every second.
  package var isWatching = false

  /// What they are called, for the model.
  /// - Parameter columns: those of the command's table that it can be sorted by.
  package static func models(_ columns: [TableColumn]) -> [OptionModel] {
    [
      OptionModel(
        "sort", value: "COLUMN", choices: columns.map(\.rawValue),
        help: "Sort by this column: numbers from the largest, names from A."),
      OptionModel("limit", value: "N", help: "Show the first N rows only."),
      OptionModel(
        "watch", help: "Draw the table again every second until Ctrl-C; with --json, one document a line."),
    ]
  }

  /// Rows as they come, once.
  package init() {}

  /// Reads the values out of what was typed.
  package init(_ parsed: ParsedArguments) throws(UsageError) {
    sort = parsed.value("sort").flatMap(TableColumn.init)
    isWatching = parsed.has("watch")
    if let text = parsed.value("limit") {
      guard let rows = Int(text), rows > 0 else {
        throw UsageError("--limit takes a number from 1 on, not \"\(text)\"", command: parsed.command)
      }
      limit = rows
    }
  }

  /// The rows that are to be shown, in their order.
  package func rows<Row: SortableRow>(of rows: [Row]) -> [Row] {
    var sorted = rows
    if let sort {
      let keyed = rows.enumerated().map { (key: $1.sortKey(sort), place: $0, row: $1) }
      sorted = keyed.sorted { $0.key == $1.key ? $0.place < $1.place : $0.key.precedes($1.key) }.map(\.row)
    }
    return limit.map { Array(sorted.prefix($0)) } ?? sorted
  }
}
