import Text

extension ProgramModel {
  /// What `--help` prints without a command.
  package var help: String {
    var lines = [summary, "", "Usage: \(name) [COMMAND] [OPTIONS]", "", "Commands:"]
    let usages = commands.map { ([$0.name] + $0.arguments.map(\.usage)).joined(separator: " ") }
    lines += Self.aligned(zip(usages, commands.map(\.summary)).map { ($0, $1) })
    lines += ["", "Options:"] + Self.optionLines(globals + [Self.helpOption])
    lines += ["", "`\(name) COMMAND --help` says more about a command."]
    return lines.joined(separator: "\n")
  }

  /// What `COMMAND --help` prints: summary, usage, details and options, without a last end of line.
  package func help(for command: CommandModel) -> String {
    let arguments = command.arguments.map(\.usage)
    let words = command.takesRest ? ["[OPTIONS]"] + arguments : arguments + ["[OPTIONS]"]
    var lines = [command.summary, "", "Usage: " + ([name, command.name] + words).joined(separator: " ")]
    if !command.details.isEmpty { lines += [""] + command.details.wrapped(80) }
    if !command.options.isEmpty { lines += ["", "Options:"] + Self.optionLines(command.options) }
    lines += ["", "General options:"] + Self.optionLines(globals(for: command) + [Self.helpOption])
    return lines.joined(separator: "\n")
  }

  static let helpOption = OptionModel("help", short: "h", help: "Say what there is to type.")

  private static func optionLines(_ options: [OptionModel]) -> [String] {
    aligned(
      options.map { option in
        let short = option.short.map { "-\($0), " } ?? ""
        return (short + "--" + option.name + option.usageSuffix, option.fullHelp)
      })
  }

  /// Two columns; texts wrap at 80 columns, and a name too long for its column stands on a line of its own.
  private static func aligned(_ rows: [(name: String, text: String)]) -> [String] {
    let indent = min(28, (rows.map { $0.name.displayWidth }.max() ?? 0) + 4)
    return rows.flatMap { row -> [String] in
      var lines = row.text.wrapped(80 - indent).map { String(repeating: " ", count: indent) + $0 }
      let name = "  " + row.name
      guard name.displayWidth + 2 <= indent, let first = lines.first else { return [name] + lines }
      lines[0] = name + String(first.dropFirst(name.count))
      return lines
    }
  }
}

extension ArgumentModel {
  fileprivate var usage: String {
    let word = name + (isRepeated ? "…" : "")
    return isRequired ? word : "[\(word)]"
  }
}
