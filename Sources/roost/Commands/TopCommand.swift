import Control
import Platform
import Terminal

/// `roost top [SERVICE]`: services, resources and traces on the whole screen, as they come.
enum TopCommand: RoostCommand {
  static let model = CommandModel(
    "top", summary: "Watch services, resources and traces on the whole screen.",
    details: """
      Rates, errors, percentiles and a line of the last minute, drawn anew each second. Enter opens
      a service, then one of its resources, then a trace; Esc goes back. s sorts, / filters, w counts
      over a longer time, p pauses, ? lists all keys, q quits. SERVICE opens that one at once.
      It needs a terminal; roost services --watch does not.
      """,
    arguments: [ArgumentModel("SERVICE", isRequired: false, values: .output(ServicesCommand.namesOnly))],
    globals: ["config", "color", "env"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    guard ProcessSurroundings.isTerminal(STDIN_FILENO), ProcessSurroundings.isTerminal(STDOUT_FILENO) else {
      throw instead("roost top draws on a terminal, and this is none")
    }
    if context.environment["TERM"] == "dumb" {
      throw instead("roost top moves the cursor, which this terminal cannot (TERM=dumb)")
    }
    if let signal = try watch(context) { return end(by: signal) }
    return .fine
  }

  /// The terminal is given back when this is over.
  /// - Returns: the signal that ended it; `nil` when a key did.
  private static func watch(_ context: CommandContext) throws(CommandFailure) -> Int32? {
    let queries = TopQueries(agent: try context.agent(), env: context.options.env)
    let top = TopScreen(service: context.parsed.arguments.first, env: context.options.env)
    return try TopSession(top, queries, colors: context.drawing.colors).run()
  }

  private static func instead(_ message: String) -> CommandFailure {
    CommandFailure(.usage, message, hint: "Without one: roost services --watch")
  }

  /// Dies of the signal, as whoever sent it expects.
  private static func end(by number: Int32) -> ExitCode {
    signal(number, SIG_DFL)
    raise(number)
    return ExitCode(rawValue: 128 + number)
  }
}
