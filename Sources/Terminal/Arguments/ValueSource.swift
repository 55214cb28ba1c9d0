/// Where the words come from that may stand in one place: what a shell offers there.
package enum ValueSource: Sendable, Equatable {
  /// Nobody knows them: a number, an age, a name.
  case unknown
  case files
  case choices([String])
  /// The names of the program's commands.
  case commands
  /// The lines that the program prints when it is called with these words; nothing when it fails.
  case output([String])
}

extension OptionModel {
  /// What its value may be; files where help calls it a file or a folder.
  var values: ValueSource {
    if !choices.isEmpty { return .choices(choices) }
    return value.map { ["FILE", "PATH", "FOLDER"].contains($0) } ?? false ? .files : .unknown
  }

  /// Both spellings: `-v` and `--verbose`.
  var spellings: [String] { (short.map { ["-\($0)"] } ?? []) + ["--" + name] }

  /// What it does in one sentence without a final stop, as shells show it beside the option.
  var gist: String { firstSentence(help) }
}

extension ProgramModel {
  /// Every option of a command, and `--help`.
  func options(of command: CommandModel) -> [OptionModel] {
    command.options + globals(for: command) + [Self.helpOption]
  }

  /// The spellings of options that are followed by a value, whatever the command.
  var valueOptionSpellings: [String] {
    var spellings: [String] = []
    for option in globals + commands.flatMap(\.options) where option.value != nil {
      spellings += option.spellings.filter { !spellings.contains($0) }
    }
    return spellings
  }
}

private func firstSentence(_ text: String) -> String {
  let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  let end = line.firstRange(of: ". ")?.lowerBound ?? line.endIndex
  let sentence = line[..<end]
  return sentence.hasSuffix(".") ? String(sentence.dropLast()) : String(sentence)
}
