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
      It has to have been seen. roost top needs a terminal; roost services --watch does not.
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
    let agent = try context.agent()
    let service = context.parsed.arguments.first
    if let service { try check(service, agent) }
    let queries = TopQueries(agent: agent, env: context.options.env)
    let top = TopScreen(service: service, env: context.options.env)
    return try TopSession(top, queries, colors: context.drawing.colors).run()
  }

  /// Throws for a service of which nothing was ever seen: a screen about it would stay empty.
  private static func check(_ service: String, _ agent: ControlClient) throws(CommandFailure) {
    let query = ServicesQuery(windowNs: knownNs, includesTests: true)
    let known = Set(try agent.services(query).rows.map(\.service)).sorted()
    guard !known.contains(service) else { return }
    let lines = EmptyReport.lines(service: service, known: known)
    throw CommandFailure(
      .usage, lines.first.map { $0.prefix(1).lowercased() + $0.dropFirst() } ?? "",
      hint: (lines.dropFirst() + ["`roost top` alone shows services as they come."]).joined(separator: "\n"))
  }

  /// How far back a service may have been seen, ns: as far as any agent's statistics reach.
  private static let knownNs: Int64 = 31 * 86_400_000_000_000

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
