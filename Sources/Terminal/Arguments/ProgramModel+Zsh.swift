// Completion for zsh, over its own `_arguments`.
extension ProgramModel {
  var zshCompletion: [String] {
    var lines = [
      "#compdef \(name)",
      "# zsh completion for \(name), made by `\(name) completion zsh`",
      "",
      "_\(name)_commands() {",
      "  local -a commands=(",
    ]
    for command in commands {
      let summary = command.summary.hasSuffix(".") ? String(command.summary.dropLast()) : command.summary
      lines.append("    " + CompletionShell.zsh.quoted("\(command.name):\(zshText(summary))"))
    }
    lines += [
      "  )",
      "  _describe -t commands command commands",
      "}",
      "",
      "# Offers the lines that the rest of the words print.",
      "_\(name)_output() {",
      "  local -a lines=(${(f)\"$(_call_program words \(name) ${(q)@} 2>/dev/null)\"})",
      "  compadd -a lines",
      "}",
      "",
      "_\(name)() {",
      "  local curcontext=$curcontext state line",
      "  local -A opt_args",
      "  _arguments -C \\",
    ]
    lines += (globals + [Self.helpOption]).map { "    \(zshOption($0)) \\" }
    lines += [
      "    '(-)1:command:_\(name)_commands' \\",
      "    '(-)*:: :->arguments' && return",
      "  [[ $state == arguments ]] || return 1",
      "  case $words[1] in",
    ]
    for command in commands { lines += zshBranch(command) }
    return lines + [
      "    *) return 1 ;;",
      "  esac",
      "}",
      "",
      "# Sourced, it is told to zsh here; in a folder of $fpath, the first line is enough.",
      "if [[ $funcstack[1] == _\(name) ]]; then _\(name) \"$@\"; else compdef _\(name) \(name); fi",
    ]
  }

  private func zshBranch(_ command: CommandModel) -> [String] {
    if command.takesRest { return zshRest(command) }
    var specs = options(of: command).map(zshOption)
    for (place, argument) in command.arguments.enumerated() {
      let place = argument.isRepeated ? "*:" : argument.isRequired ? "\(place + 1):" : "\(place + 1)::"
      specs.append(CompletionShell.zsh.quoted("\(place)\(zshText(argument.name)):\(zshAction(argument.values))"))
    }
    return ["    \(command.name))", "      _arguments \\"]
      + specs.enumerated().map { "        \($1)" + ($0 < specs.count - 1 ? " \\" : "") } + ["      ;;"]
  }

  /// A program and its own arguments, behind options of the command.
  private func zshRest(_ command: CommandModel) -> [String] {
    let own = options(of: command)
    let switches = (["--"] + own.filter { $0.value == nil }.flatMap(\.spellings)).joined(separator: "|")
    let valued = own.filter { $0.value != nil }.flatMap(\.spellings).joined(separator: "|")
    let skipsValue =
      "          (\(valued)) ((CURRENT > 2)) || { _files; return }; shift 2 words; ((CURRENT -= 2)) ;;"
    return [
      "    \(command.name))", "      shift words", "      ((CURRENT--))", "      while ((CURRENT > 1)); do",
      "        case $words[1] in", "          (\(switches)) shift words; ((CURRENT--)) ;;",
    ] + (valued.isEmpty ? [] : [skipsValue]) + [
      "          (*) break ;;", "        esac", "      done",
      "      ((CURRENT == 1)) && [[ $PREFIX == -* ]] && compadd -- \(own.map { "--" + $0.name }.joined(separator: " "))",
      "      _normal", "      ;;",
    ]
  }

  /// `(-v --verbose)'{-v,--verbose}'[…]`: one spelling excludes the other.
  private func zshOption(_ option: OptionModel) -> String {
    let value = option.value.map { ":\(zshText($0)):\(zshAction(option.values))" } ?? ""
    let equals = option.value == nil ? "" : "="
    let rest = "\(equals)[\(zshText(option.gist))]\(value)"
    guard let short = option.short else { return CompletionShell.zsh.quoted("--\(option.name)\(rest)") }
    return "'(-\(short) --\(option.name))'{-\(short),--\(option.name)}" + CompletionShell.zsh.quoted(rest)
  }

  private func zshAction(_ values: ValueSource) -> String {
    switch values {
    case .unknown: " "
    case .files: "_files"
    case .choices(let words): "(\(words.joined(separator: " ")))"
    case .commands: "_\(name)_commands"
    // The space keeps `_arguments` from adding words of its own.
    case .output(let words): " _\(name)_output \(words.joined(separator: " "))"
    }
  }

  /// Colons and brackets end a part of a specification.
  private func zshText(_ text: String) -> String {
    String(text.flatMap { "\\:[]".contains($0) ? ["\\", $0] : [$0] })
  }
}
