extension ProgramModel {
  /// Matches the words behind the program's name with the model.
  ///
  /// `--name value`, `--name=value`, `-x`, `--` (the rest are words); the first word is the command. `-h` and `--help`
  /// work everywhere and spare the rest from being complete.
  package func parse(_ words: [String]) throws(UsageError) -> ParsedArguments {
    var parsed = ParsedArguments()
    var model: CommandModel?
    var rest = words[...]
    var onlyWords = false
    while let word = rest.popFirst() {
      if !onlyWords, word == "--" {
        onlyWords = true
      } else if !onlyWords, word == "--help" || word == "-h" {
        parsed.asksForHelp = true
      } else if !onlyWords, word.hasPrefix("-"), word.utf8.count > 1 {
        try take(option: word, of: model, rest: &rest, into: &parsed)
      } else if let model {
        guard parsed.arguments.count < model.arguments.count || model.arguments.last?.isRepeated == true else {
          throw UsageError("`\(name) \(model.name)` does not take \"\(word)\"", command: model.name)
        }
        parsed.arguments.append(word)
      } else {
        let found = try findCommand(word)
        model = found
        parsed.command = word
        if found.takesRest {
          try takeRest(of: found, &rest, into: &parsed)
          return parsed
        }
      }
    }
    if !parsed.asksForHelp, let model { try checkComplete(parsed, model) }
    return parsed
  }

  /// Options of a command that another program's words follow, up to the first of those or to `--`.
  private func takeRest(
    of model: CommandModel, _ rest: inout ArraySlice<String>, into parsed: inout ParsedArguments
  ) throws(UsageError) {
    while let word = rest.first, word.hasPrefix("-"), word.utf8.count > 1, word != "--" {
      rest.removeFirst()
      if word == "--help" || word == "-h" {
        parsed.asksForHelp = true
      } else {
        try take(option: word, of: model, rest: &rest, into: &parsed)
      }
    }
    parsed.arguments = Array(rest)
    if !parsed.asksForHelp { try checkOptions(parsed, model) }
  }

  private func findCommand(_ word: String) throws(UsageError) -> CommandModel {
    if let model = command(word) { return model }
    throw UsageError(noCommand(word))
  }

  /// What is said of a word that is no command, with what was probably meant or what there is instead.
  package func noCommand(_ word: String) -> String {
    let problem = "there is no command \"\(word)\""
    if let instead = absent[word.lowercased()] { return "\(problem): \(instead)" }
    return problem
      + (suggestion(for: word, among: commands.map(\.name)).map { "; did you mean `\(name) \($0)`?" } ?? "")
  }

  private func take(
    option word: String, of model: CommandModel?, rest: inout ArraySlice<String>, into parsed: inout ParsedArguments
  ) throws(UsageError) {
    let known = model.map { $0.options + globals(for: $0) } ?? globals
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let typed = parts.first ?? word
    guard let option = known.first(where: { $0.isSpelled(typed) }) else {
      let names = known.map { "--" + $0.name } + ["--help"]
      let hint = suggestion(for: typed, among: names).map { "; did you mean \($0)?" } ?? ""
      let owner = model.map { "\(name) \($0.name)" } ?? name
      // `-service:shop` is a word of a query.
      let isWord = hint.isEmpty && !typed.hasPrefix("--") && model?.arguments.last?.isRepeated == true
      let behind = isWord ? "; a word that begins with - stands behind --" : ""
      throw UsageError("`\(owner)` has no option \(typed)\(hint)\(behind)", command: model?.name)
    }
    var value = parts.count > 1 ? parts[1] : nil
    if let placeholder = option.value {
      // A value may begin with a dash only behind `=`: a forgotten value is likelier than one that looks like an option.
      if value == nil, let next = rest.first, !next.hasPrefix("-") || next == "-" { value = rest.popFirst() }
      guard let typed = value else {
        throw UsageError("--\(option.name) needs a value: \(placeholder)", command: model?.name)
      }
      guard let choice = option.choice(typed) else {
        let choices = option.choices.joined(separator: ", ")
        throw UsageError("--\(option.name) is one of \(choices), not \"\(typed)\"", command: model?.name)
      }
      value = choice
    } else if value != nil, option.optionalValue == nil {
      throw UsageError("--\(option.name) takes no value", command: model?.name)
    }
    parsed.options[option.name, default: []].append(value ?? "")
  }

  /// Options typed before the command's name were taken before it was known what it takes.
  private func checkOptions(_ parsed: ParsedArguments, _ model: CommandModel) throws(UsageError) {
    let known = (model.options + globals(for: model)).map(\.name)
    if let foreign = parsed.options.keys.sorted().first(where: { !known.contains($0) }) {
      throw UsageError("`\(name) \(model.name)` has no option --\(foreign)", command: model.name)
    }
  }

  private func checkComplete(_ parsed: ParsedArguments, _ model: CommandModel) throws(UsageError) {
    try checkOptions(parsed, model)
    let missing = model.arguments.dropFirst(parsed.arguments.count).filter(\.isRequired)
    guard let first = missing.first else { return }
    let meaning = first.meaning.map { ": \($0)" } ?? ""
    throw UsageError("`\(name) \(model.name)` needs \(first.name)\(meaning)", command: model.name)
  }
}

extension OptionModel {
  /// The value as the model spells it, for capitals do not matter where there is a choice; `nil` for none of them.
  fileprivate func choice(_ typed: String) -> String? {
    choices.isEmpty ? typed : choices.first { $0 == typed } ?? choices.first { $0 == typed.lowercased() }
  }

  fileprivate func isSpelled(_ word: String) -> Bool {
    word == "--" + name || short.map { word == "-\($0)" } ?? false
  }
}
