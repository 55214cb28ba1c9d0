import Terminal
import Text

/// `roost help [COMMAND]` prints the help of the program, or of one command.
enum HelpCommand: RoostCommand {
  static let model = CommandModel(
    "help", summary: "Say what there is to type.",
    arguments: [ArgumentModel("COMMAND", isRequired: false, values: .commands)],
    globals: []
  )

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let program = RoostProgram.model
    guard let name = context.parsed.arguments.first else {
      Output.line(program.help)
      return .fine
    }
    guard let command = program.command(name) else {
      throw CommandFailure(.usage, safeText(program.noCommand(name)))
    }
    Output.line(program.help(for: command))
    return .fine
  }
}
