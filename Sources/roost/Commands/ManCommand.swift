import Configuration
import Terminal

/// `roost man`: the manual page, for `man` to format.
enum ManCommand: RoostCommand {
  static let model = CommandModel(
    "man", summary: "Print the manual page in the language of man.",
    details: "`make install` puts it where man looks for it. To read it at once: roost man | man -l -", globals: [])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    Output.line(RoostProgram.model.manualPage(manual))
    return .fine
  }

  private static var manual: Manual {
    Manual(
      version: BuildVersion.version, date: "November 27, 2026",
      description: """
        Takes the traces that Datadog's tracers send to port 8126, groups their spans, shows the hits, errors and latency \
        of every service and resource, and, given an API key, samples and forwards them. It takes the place of Datadog's \
        trace-agent, with its port, protocol and configuration.

        Without a command it says whether an agent runs, whether anything has arrived, and what to type next.
        """,
      environment: own + OptionTable.options.compactMap(entry), files: files)
  }

  private static let own = [
    Manual.Entry(["NO_COLOR"], "Set to anything, tables are not coloured; --color always does it all the same."),
    Manual.Entry(
      ["COLUMNS"], "How wide tables are where the output is no terminal, as under watch(1); --width is stronger."),
    Manual.Entry(["XDG_RUNTIME_DIR"], "The folder for the control socket of agents that are not root's."),
  ]

  private static func entry(_ option: ConfigurationOption) -> Manual.Entry? {
    guard !option.variables.isEmpty else { return nil }
    let initial = option.defaultText.filter { $0 != "`" }
    let text = option.summary.prefix(1).uppercased() + option.summary.dropFirst()
    return Manual.Entry(option.variables, text + (initial.isEmpty ? "." : " [\(initial)]."))
  }

  private static let files = [
    Manual.Entry(["/etc/datadog-agent/datadog.yaml"], "The settings, unless --config names another file."),
    Manual.Entry(
      ["/var/run/datadog/apm.socket"], "Takes traces, beside the TCP port, where the folder is there."),
    Manual.Entry(
      ["/run/roost/8126.sock", "$XDG_RUNTIME_DIR/roost/8126.sock", "/tmp/roost-UID/8126.sock"],
      "Where commands ask the agent: root's, a session's, and where there is neither. The number is the agent's port."),
  ]
}
