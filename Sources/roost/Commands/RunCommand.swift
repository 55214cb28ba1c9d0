import Terminal

/// `roost run`: the name is kept for starting a command with its tracing set up.
enum RunCommand: RoostCommand {
  static let model = CommandModel(
    "run", summary: "Reserved: will start a command with its tracing set up.",
    arguments: [ArgumentModel("-- COMMAND…", isRequired: false)], takesRest: true)

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    throw CommandFailure(
      .usage, "`roost run` is reserved and not there yet; it will start a command with its tracing set up",
      hint: "Until then: start `roost serve`, and your app in another terminal.")
  }
}
