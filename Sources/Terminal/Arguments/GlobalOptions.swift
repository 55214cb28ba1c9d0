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
      guard let ns = Self.parseAge(text) else {
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

  /// `90s`, `15m`, `1h30m`, `2d` in nanoseconds; `nil` for anything else, for nothing and for more than 290 years.
  package static func parseAge(_ text: String) -> Int64? {
    var total: Int64 = 0
    var rest = text[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let unit = rest[digits.endIndex...].prefix { $0.isASCII && $0.isLetter }
      rest = rest[unit.endIndex...]
      guard let number = Int64(digits), let size = unitNs[String(unit)] else { return nil }
      let (part, isTooLarge) = number.multipliedReportingOverflow(by: size)
      let (sum, isSumTooLarge) = total.addingReportingOverflow(part)
      if isTooLarge || isSumTooLarge { return nil }
      total = sum
    }
    return total > 0 ? total : nil
  }

  private static let unitNs: [String: Int64] = [
    "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000,
  ]
}
