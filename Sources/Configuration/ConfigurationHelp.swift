/// The part of `roost serve --help` that comes from the table of options.
package enum ConfigurationHelp {
  /// Flags with their placeholder, what they do and their default; one or more lines each, no wider than `width`.
  package static func flags(width: Int = 80) -> String {
    let rows = OptionTable.flags.map { option in
      (option.flag?.usage ?? "", "\(option.summary) [\(plain(option.defaultText))]")
    }
    return table(rows, width: width)
  }

  /// Every option by topic: the key in the file, the variable, what it is and its default.
  package static func settings(width: Int = 80) -> String {
    let options = OptionTable.options
    return ConfigurationOption.Topic.allCases.map { topic in
      let lines = options.filter { $0.topic == topic }.map { option in
        let names = [option.name] + option.variables.prefix(1).filter { $0 != option.name }
        return "  \(names.joined(separator: "  "))\n"
          + wrapped("\(option.summary) [\(plain(option.defaultText))]", indent: 6, width: width)
      }
      return "\(topic.rawValue):\n\(lines.joined(separator: "\n"))"
    }.joined(separator: "\n\n") + "\n"
  }

  /// Default texts carry the documentation's code marks.
  private static func plain(_ text: String) -> String { text.filter { $0 != "`" } }

  private static func table(_ rows: [(String, String)], width: Int) -> String {
    let column = (rows.map(\.0.count).max() ?? 0) + 4
    return rows.map { name, text in
      let left = "  \(name)" + String(repeating: " ", count: column - name.count - 2)
      return left + String(wrapped(text, indent: column, width: width).dropFirst(column)) + "\n"
    }.joined()
  }

  private static func wrapped(_ text: String, indent: Int, width: Int) -> String {
    let start = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > max(width, indent + 20) {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " \(word)"
    }
    return (lines + [line]).map { start + $0 }.joined(separator: "\n")
  }
}
