import Terminal
import Text

/// `roost completion SHELL`: the script that teaches a shell to complete what roost takes.
enum CompletionCommand: RoostCommand {
  private static let shells = CompletionShell.allCases.map(\.rawValue)

  static let model = CommandModel(
    "completion", summary: "Print the script that completes commands and options in a shell.",
    details: """
      SHELL is \(shells.joined(separator: ", ")). `make install` puts the scripts where the shells look for
      them. To try it at once in bash: source <(roost completion bash)
      """,
    arguments: [ArgumentModel("SHELL", values: .choices(shells), meaning: shells.joined(separator: ", "))], globals: [])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let name = context.parsed.arguments.first ?? ""
    guard let shell = CompletionShell(rawValue: name) else {
      let known = shells.joined(separator: ", ")
      throw CommandFailure(.usage, "there is no completion for \"\(safeText(name))\"; there is for \(known)")
    }
    Output.line(shell.script(for: RoostProgram.model))
    return .fine
  }
}
