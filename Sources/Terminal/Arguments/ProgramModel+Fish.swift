// Completion for fish: one `complete` for each command, option and place.
extension ProgramModel {
  var fishCompletion: [String] {
    var lines = [
      "# fish completion for \(name), made by `\(name) completion fish`",
      "",
      "# Whether the command typed so far is $argv[1], with $argv[2] words behind it; any number without $argv[2].",
      "function __\(name)_is",
      "    set -l typed (commandline -opc)",
      "    set -l command ''",
      "    set -l place 0",
      "    set -l skip 0",
      "    for word in $typed[2..-1]",
      "        if test $skip = 1",
      "            set skip 0",
      "            continue",
      "        end",
      "        switch $word",
      "            case \(valueOptionSpellings.joined(separator: " "))",
      "                set skip 1",
      "            case '-*'",
      "            case '*'",
      "                if test -z \"$command\"",
      "                    set command $word",
      "                else",
      "                    set place (math $place + 1)",
      "                end",
      "        end",
      "    end",
      "    test \"$command\" = \"$argv[1]\"; and begin",
      "        test (count $argv) -lt 2; or test $place = $argv[2]",
      "    end",
      "end",
      "",
      "complete -c \(name) -f",
    ]
    for command in commands {
      lines.append(
        "complete -c \(name) -n '__\(name)_is \"\"' -a \(command.name) -d \(fish(command.summary))")
    }
    lines += fishOptions(globals + [Self.helpOption], behind: "\"\"")
    for command in commands {
      lines.append("")
      if command.takesRest {
        lines.append(
          "complete -c \(name) -n '__\(name)_is \(command.name)' -a '(__fish_complete_subcommand --fcs-skip=2)'")
        lines += fishOptions(options(of: command), behind: "\(command.name) 0")
        continue
      }
      lines += fishOptions(options(of: command), behind: command.name)
      for (place, argument) in command.arguments.enumerated() where argument.values != .unknown {
        let condition = "__\(name)_is \(command.name) \(place)"
        lines.append("complete -c \(name) -n '\(condition)' \(fishValues(argument.values)) -d \(fish(argument.name))")
      }
    }
    return lines
  }

  private func fishOptions(_ options: [OptionModel], behind command: String) -> [String] {
    options.map { option in
      let short = option.short.map { " -s \($0)" } ?? ""
      let value = option.value == nil ? "" : option.values == .unknown ? " -x" : " \(fishValues(option.values))"
      return
        "complete -c \(name) -n '__\(name)_is \(command)'\(short) -l \(option.name)\(value) -d \(fish(option.gist))"
    }
  }

  private func fishValues(_ values: ValueSource) -> String {
    switch values {
    case .unknown: ""
    case .files: "-r -F"
    case .choices(let words): "-x -a \(fish(words.joined(separator: " ")))"
    case .commands: fishValues(.choices(commands.map(\.name)))
    case .output(let words): "-x -a '(\(name) \(words.joined(separator: " ")) 2>/dev/null)'"
    }
  }

  private func fish(_ text: String) -> String {
    CompletionShell.fish.quoted(text.hasSuffix(".") ? String(text.dropLast()) : text)
  }
}
