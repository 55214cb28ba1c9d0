/// One `--name` that a command or the whole program understands.
package struct OptionModel: Sendable, Equatable {
  /// As it is typed, without the two dashes.
  package var name: String
  /// One letter behind a single dash.
  package var short: Character?
  /// What the value is called in help: `FILE`; `nil` for an option without value.
  package var value: String?
  /// The same for a value that may be left out; it follows an equals sign, and without it the option is a switch.
  package var optionalValue: String?
  /// The only values that are taken; empty when any is.
  package var choices: [String]
  /// A sentence or two, wrapped by help.
  package var help: String

  /// An option; without `value` it is a switch.
  package init(
    _ name: String, short: Character? = nil, value: String? = nil, optionalValue: String? = nil, choices: [String] = [],
    help: String
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.optionalValue = optionalValue
    self.choices = choices
    self.help = help
  }

  /// Longer lists of choices stand in the help text.
  private static let choicesWidthMax = 40
  private var choicesText: String { choices.joined(separator: "|") }
  private var hasManyChoices: Bool { choicesText.utf8.count > Self.choicesWidthMax }

  /// What stands behind its name in help: the choices if they are few, else what the value is called; `nil` for none.
  var usageValue: String? { choices.isEmpty || hasManyChoices ? value : choicesText }

  /// What help shows behind its name: ` PORT`, `[=ADDRESS]`, or nothing.
  var usageSuffix: String { optionalValue.map { "[=\($0)]" } ?? usageValue.map { " " + $0 } ?? "" }

  /// The help text, with the choices where there are too many to stand behind the name.
  var fullHelp: String { hasManyChoices ? "\(help) One of \(choices.joined(separator: ", "))." : help }
}

/// One word that a command takes by its place.
package struct ArgumentModel: Sendable, Equatable {
  /// As help shows it: `SERVICE`.
  package var name: String
  /// Left out, the command does not run.
  package var isRequired: Bool
  /// What it may be, for shells to offer.
  package var values: ValueSource
  /// What it may be, in words, for who has left it out; `nil` where its name says that.
  package var meaning: String?
  /// Any number of words may stand here; for a command's last argument only.
  package var isRepeated: Bool

  /// A word that has to be there unless it says otherwise.
  package init(
    _ name: String, isRequired: Bool = true, isRepeated: Bool = false, values: ValueSource = .unknown,
    meaning: String? = nil
  ) {
    self.meaning = meaning
    self.name = name
    self.isRequired = isRequired
    self.isRepeated = isRepeated
    self.values = values
  }
}

/// One command: what it is called, takes and does.
package struct CommandModel: Sendable, Equatable {
  /// The word that is typed behind the program's name.
  package var name: String
  /// One line in the list of commands.
  package var summary: String
  /// Paragraphs below the usage line of the command's own help.
  package var details: String
  /// The words behind the name, in the order they are typed.
  package var arguments: [ArgumentModel]
  /// Its own, beside the global ones.
  package var options: [OptionModel]
  /// Which of the program's global options make sense here; `nil` for all.
  package var globals: [String]?
  /// Everything behind the name and its options, or behind `--`, belongs to another program and is not looked at.
  package var takesRest: Bool

  /// A command; all but name and summary may be left out.
  package init(
    _ name: String, summary: String, details: String = "", arguments: [ArgumentModel] = [],
    options: [OptionModel] = [], globals: [String]? = nil, takesRest: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.arguments = arguments
    self.options = options
    self.globals = globals
    self.takesRest = takesRest
  }
}

/// All that can be typed: parsing, help, suggestions, completions and the manual page come from this one value.
package struct ProgramModel: Sendable, Equatable {
  /// The word that a shell finds the program by.
  package var name: String
  /// What it is, at the top of help.
  package var summary: String
  /// In the order of help.
  package var commands: [CommandModel]
  /// Options of commands in general, typed before or behind the command's name.
  package var globals: [OptionModel]
  /// Words that people type for commands and that are none, with what there is instead: a sentence without a final stop.
  package var absent: [String: String]

  /// A program with all its parts.
  package init(
    name: String, summary: String, commands: [CommandModel], globals: [OptionModel], absent: [String: String] = [:]
  ) {
    self.name = name
    self.summary = summary
    self.commands = commands
    self.globals = globals
    self.absent = absent
  }

  /// The command of that name.
  package func command(_ name: String) -> CommandModel? { commands.first { $0.name == name } }

  /// The global options that a command takes; its own option of the same name comes in place of a global one.
  func globals(for command: CommandModel) -> [OptionModel] {
    globals.filter { global in
      !command.options.contains { $0.name == global.name } && command.globals?.contains(global.name) ?? true
    }
  }
}
