/// What a manual page says that the model of the arguments does not know.
package struct Manual: Sendable {
  /// A term, such as a variable's name or a path, and what it stands for in a sentence or more.
  package struct Entry: Sendable {
    package var terms: [String]
    package var text: String

    /// - Parameter terms: several names of one thing, the first one above all.
    package init(_ terms: [String], _ text: String) {
      self.terms = terms
      self.text = text
    }
  }

  /// The program's version, at the foot of the page: `0.1.0`.
  package var version: String
  /// When the page last changed, as mdoc writes it: `November 27, 2026`.
  package var date: String
  /// What the program is for, in paragraphs.
  package var description: String
  /// Variables that the program reads.
  package var environment: [Entry]
  /// Paths that the program reads or makes.
  package var files: [Entry]

  /// A page for one version of the program.
  package init(version: String, date: String, description: String, environment: [Entry], files: [Entry]) {
    self.version = version
    self.date = date
    self.description = description
    self.environment = environment
    self.files = files
  }
}

extension ProgramModel {
  /// The manual page, section 1, in mdoc.
  package func manualPage(_ manual: Manual) -> String {
    let brief = summary.hasSuffix(".") ? String(summary.dropLast()) : summary
    var lines = [
      ".\\\" Made by `\(name) man`.",
      ".Dd \(manual.date)",
      ".Dt \(name.uppercased()) 1",
      ".Os \(name) \(manual.version)",
      ".Sh NAME", ".Nm \(name)", ".Nd \(Roff.escaped(brief))",
      ".Sh SYNOPSIS", ".Nm", ".Op Ar COMMAND", ".Op Ar OPTIONS",
      ".Sh DESCRIPTION",
    ]
    lines += Roff.paragraphs(manual.description)
    lines += [".Sh COMMANDS"]
    for command in commands { lines += section(of: command) }
    lines += [".Sh OPTIONS", "These may be typed before or behind a command; each command takes those listed with it."]
    lines += Self.list(of: globals + [Self.helpOption])
    lines += [".Sh ENVIRONMENT"] + Self.list(manual.environment.map { ($0.terms.map { "Ev \($0)" }, $0.text) })
    lines += [".Sh FILES"] + Self.list(manual.files.map { ($0.terms.map { "Pa \(Roff.escaped($0))" }, $0.text) })
    lines += [".Sh EXIT STATUS"] + Self.list(ExitCode.meanings.map { (["\($0.code.rawValue)"], $0.meaning) })
    return lines.joined(separator: "\n")
  }

  private func section(of command: CommandModel) -> [String] {
    let arguments = command.arguments.map { argument in
      let word = Roff.argument(argument.name) + (argument.isRepeated ? " ..." : "")
      return argument.isRequired ? ".Ar \(word)" : ".Op Ar \(word)"
    }
    var lines = [".Ss \(name) \(command.name)", ".Nm", ".Cm \(Roff.escaped(command.name))"] + arguments
    lines.insert(".Op Ar OPTIONS", at: command.takesRest ? lines.count - arguments.count : lines.count)
    lines += [".Pp"] + Roff.paragraphs(command.summary)
    if !command.details.isEmpty { lines += [".Pp"] + Roff.paragraphs(command.details) }
    if !command.options.isEmpty { lines += Self.list(of: command.options) }
    let general = globals(for: command).map { "--" + $0.name }
    if !general.isEmpty {
      lines += [".Pp", "Takes \(Roff.escaped(general.joined(separator: ", "))) too."]
    }
    return lines
  }

  private static func list(of options: [OptionModel]) -> [String] {
    list(
      options.map { option in
        let value =
          option.optionalValue.map { " Ns Op = Ns Ar \(Roff.argument($0))" }
          ?? option.usageValue.map { " Ar \(Roff.argument($0))" } ?? ""
        let long = "Fl \\-\(Roff.escaped(option.name))" + value
        return ((option.short.map { ["Fl \($0)"] } ?? []) + [long], option.fullHelp)
      })
  }

  /// - Parameter entries: the terms as macros, and the text.
  private static func list(_ entries: [(terms: [String], text: String)]) -> [String] {
    [".Bl -tag -width Ds"]
      + entries.flatMap { [".It " + $0.terms.joined(separator: " , ")] + Roff.paragraphs($0.text) } + [".El"]
  }
}
