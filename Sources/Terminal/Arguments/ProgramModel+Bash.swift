// Completion for bash, from 3.2 on, which is what macOS has: nothing of the bash-completion package is needed.
extension ProgramModel {
  var bashCompletion: [String] {
    let function = "_\(name)"
    var lines = [
      "# bash completion for \(name), made by `\(name) completion bash`",
      "",
      "# Offers the words of standard input that begin with $1.",
      "\(function)_offer() {",
      "  local word",
      "  while IFS= read -r word; do",
      "    [[ $word == \"$1\"* ]] && COMPREPLY+=(\"$(printf '%q' \"$word\")\")",
      "  done",
      "}",
      "",
      "\(function)_files() {",
      "  # bash 3.2 has no compopt.",
      "  compopt -o default 2>/dev/null && return",
      "  local word",
      "  while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -f -- \"$1\")",
      "}",
      "",
      "\(function)() {",
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= place=0 i",
      "  COMPREPLY=()",
      "  # bash makes three words of --option=value.",
      "  if [[ $cur == = ]]; then",
      "    cur=",
      "  elif [[ $prev == = ]]; then",
      "    prev=${COMP_WORDS[COMP_CWORD - 2]}",
      "  fi",
      "  for ((i = 1; i < COMP_CWORD; i++)); do",
      "    case ${COMP_WORDS[i]} in",
      "      \(valueOptionSpellings.joined(separator: " | ")))",
      "        [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))",
      "        ((i++))",
      "        ;;",
      "      -*) ;;",
      "      *)",
      "        if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((place++)); fi",
    ]
    if let rest = commands.first(where: \.takesRest) {
      lines.append("        [[ $command == \(rest.name) ]] && break")
    }
    lines += ["        ;;", "    esac", "  done", "  case $command in"]
    lines += bashBranch("''", globals + [Self.helpOption], [ArgumentModel("COMMAND", values: .commands)])
    for command in commands {
      lines +=
        command.takesRest ? bashRest(command) : bashBranch(command.name, options(of: command), command.arguments)
    }
    return lines + ["  esac", "}", "", "complete -F \(function) \(name)"]
  }

  /// What stands behind one command: first the value of the option before, then options, then words by their place.
  private func bashBranch(_ pattern: String, _ options: [OptionModel], _ arguments: [ArgumentModel]) -> [String] {
    var lines = ["    \(pattern))", "      case $prev in"]
    for option in options where option.value != nil {
      let offer = option.values == .unknown ? "" : bashOffer(option.values) + "; "
      lines.append("        \(option.spellings.joined(separator: " | "))) \(offer)return ;;")
    }
    lines += ["      esac", "      if [[ $cur == -* ]]; then"]
    lines.append("        " + bashOffer(.choices(options.map { "--" + $0.name })))
    for (place, argument) in arguments.enumerated() where argument.values != .unknown {
      lines += ["      elif [[ $place == \(place) ]]; then", "        " + bashOffer(argument.values)]
    }
    return lines + ["      fi", "      ;;"]
  }

  /// A program and its own arguments, for which bash offers what it always does.
  private func bashRest(_ command: CommandModel) -> [String] {
    let own = options(of: command)
    let switches = own.filter { $0.value == nil }.flatMap(\.spellings)
    let before = ([command.name, "--"] + switches).map { "$prev == \($0)" }.joined(separator: " || ")
    return [
      "    \(command.name))",
      "      if [[ \(before) ]]; then",
      "        if [[ $cur == -* ]]; then",
      "          \(bashOffer(.choices(own.map { "--" + $0.name } + ["--"])))",
      "        else",
      "          _\(name)_offer \"$cur\" < <(compgen -c -- \"$cur\")",
      "        fi",
      "      fi",
      "      _\(name)_files \"$cur\"",
      "      ;;",
    ]
  }

  private func bashOffer(_ values: ValueSource) -> String {
    let offer = "_\(name)_offer \"$cur\" < <("
    switch values {
    case .unknown: return ""
    case .files: return "_\(name)_files \"$cur\""
    case .choices(let words):
      return offer + "printf '%s\\n' " + words.map(CompletionShell.bash.quoted).joined(separator: " ") + ")"
    case .commands: return bashOffer(.choices(commands.map(\.name)))
    case .output(let words):
      let typed = words.map(CompletionShell.bash.quoted).joined(separator: " ")
      return offer + "\(name) \(typed) 2>/dev/null)"
    }
  }
}
