import Text

/// The options that every command takes, as values.
package struct GlobalOptions: Sendable, Equatable {
  /// A configuration file other than the usual one.
  package var configPath: String?
  /// A document instead of a table.
  package var json = false
  /// When tables and findings are coloured.
  package var color = ColorChoice.auto
  /// How far back, nanoseconds; `nil` is everything that the agent keeps.
  package var windowNs: Int64?
  /// `--since` as it was typed.
  package var windowText: String?
  /// Only this environment; `nil` is all.
  package var env: String?
  /// Whether tables begin with their columns' names.
  package var header = true
  /// Columns; `nil` asks the terminal.
  package var width: Int?

  /// What they are called, for the model.
  package static let models: [OptionModel] = [
    OptionModel("config", value: "FILE", help: "Read this datadog.yaml instead of the usual one."),
    OptionModel("json", help: "Print one JSON document instead of a table."),
    OptionModel(
      "color", value: "WHEN", choices: ColorChoice.allCases.map(\.rawValue),
      help: "Colour the output; auto does for a terminal, unless NO_COLOR is set."),
    OptionModel(
      "since", value: "AGE", help: "Count only what came in the last 90s, 15m or 1h; all that is kept by default."),
    OptionModel("env", value: "NAME", help: "Count only this environment."),
    OptionModel("no-header", help: "Leave out the line with the columns' names."),
    OptionModel(
      "width", value: "COLUMNS", help: "Draw tables this wide; by default as wide as the terminal, else COLUMNS."),
  ]

  /// Columns that a table can be drawn with.
  package static let widths = 20...10_000

  /// What holds when nothing is typed.
  package init() {}

  /// Reads the values out of what was typed.
  package init(_ parsed: ParsedArguments) throws(UsageError) {
    configPath = parsed.value("config")
    json = parsed.has("json")
    color = parsed.value("color").flatMap(ColorChoice.init) ?? .auto
    env = parsed.value("env")
    header = !parsed.has("no-header")
    if let text = parsed.value("since") {
      guard let ns = AgeText.ns(text) else {
        throw UsageError(
          "--since takes a number and a unit, such as 90s, 15m or 1h, not \"\(text)\"", command: parsed.command)
      }
      windowNs = ns
      windowText = text
    }
    if let text = parsed.value("width") {
      guard let columns = Int(text), Self.widths.contains(columns) else {
        throw UsageError(
          "--width takes a number from \(Self.widths.lowerBound) to \(Self.widths.upperBound), not \"\(text)\"",
          command: parsed.command)
      }
      width = columns
    }
  }
}
