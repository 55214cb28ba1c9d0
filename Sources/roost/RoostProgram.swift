import Platform
import Terminal

/// What can be typed behind `roost`, and the way from the words to a command's exit code.
enum RoostProgram {
  /// In the order of help. A new command is one file under `Commands` and one row here.
  static let commands: [any RoostCommand.Type] = [
    ServeCommand.self, InfoCommand.self, ServicesCommand.self, ResourcesCommand.self, TopCommand.self,
    TracesCommand.self, TraceCommand.self, DiffCommand.self, SendTestCommand.self, RunCommand.self, DoctorCommand.self,
    ExplainCommand.self, InspectCommand.self, ConfigCommand.self, ObfuscateCommand.self, CompletionCommand.self,
    ManCommand.self,
    VersionCommand.self,
    HelpCommand.self,
  ]

  static let model = ProgramModel(
    name: "roost", summary: "An APM agent that takes your app's traces, shows them here and forwards them.",
    commands: commands.map { $0.model },
    globals: GlobalOptions.models + [OptionModel("version", help: "Print the version.")], absent: AbsentCommands.all)

  /// Runs what `words` ask for; messages about failures go to standard error. Results that could not be written are a
  /// failure of their own.
  static func run(_ words: [String]) -> ExitCode {
    let code = perform(words)
    guard let error = Output.finish() else { return code }
    Output.failure("cannot write to standard output: \(systemErrorText(error))")
    return .outputFailed
  }

  private static func perform(_ words: [String]) -> ExitCode {
    do throws(UsageError) {
      let parsed = try model.parse(words)
      return try dispatch(parsed)
    } catch {
      Output.failure(error.message)
      let command = error.command.map { " " + $0 } ?? ""
      Output.problem("Try `roost\(command) --help`.")
      return .usage
    }
  }

  private static func dispatch(_ parsed: ParsedArguments) throws(UsageError) -> ExitCode {
    let name = parsed.command
    if parsed.asksForHelp {
      Output.line(name.flatMap(model.command).map(model.help(for:)) ?? model.help)
      return .fine
    }
    let context = CommandContext(parsed, try GlobalOptions(parsed))
    do throws(CommandFailure) {
      if parsed.has("version") { return try VersionCommand.run(context) }
      guard let name else { return try StatusScreen.run(context) }
      guard let command = commands.first(where: { $0.model.name == name }) else { return .internalError }
      return try command.run(context)
    } catch {
      Output.failure(error.message)
      if let hint = error.hint { Output.problem(hint) }
      return error.code
    }
  }
}
