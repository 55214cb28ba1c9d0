import Configuration
import Terminal

/// `roost config`: what the agent would make of its configuration, without starting it.
enum ConfigCommand: RoostCommand {
  static let model = CommandModel(
    "config", summary: "Check, show or convert the configuration: roost config show.",
    details: """
      Reads datadog.yaml and DD_* variables as the agent would.

      roost config check prints every error and warning with its place, and what could be written better. Patterns of rules are \
      compiled and tried on texts of two lengths, so that one shows that is too slow for long ones. Exit code 0: the \
      agent starts. 78: it does not, or with --strict there are warnings. JSON: roost.config-check.v1.

      roost config show prints the value of every option and where it comes from, secrets hidden; with --set only of those that are \
      set. Exit code 78: there are errors, and the options concerned have their defaults. JSON: roost.config.v1.

      roost config migrate prints a datadog.conf or trace-agent.ini of the Datadog agent 5 as datadog.yaml, with the API key in it; \
      --output writes it into a file that only its owner may read.
      """,
    arguments: [
      ArgumentModel("ACTION", values: .choices(["check", "show", "migrate"]), meaning: "check, show or migrate"),
      ArgumentModel("FILE", isRequired: false, values: .files),
    ],
    options: [
      OptionModel("strict", help: "For check: take warnings for errors, as roost serve --strict does."),
      OptionModel("set", help: "For show: only options that somebody has set."),
      OptionModel("output", value: "FILE", help: "For migrate: where to write."),
    ],
    globals: ["config", "json"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let (action, file) = (context.parsed.arguments.first, context.parsed.arguments.dropFirst().first)
    switch (action, file) {
    case ("check", nil): return try check(context)
    case ("show", nil): return try show(context)
    case ("migrate", let file): return try migrate(context, file ?? context.options.configPath)
    case ("check"?, _), ("show"?, _):
      throw CommandFailure(
        .usage, "`roost config \(action ?? "")` takes no FILE", hint: "Name the configuration by --config FILE.")
    default:
      throw CommandFailure(
        .usage, "`roost config` knows check, show and migrate", hint: "Try `roost config --help`.")
    }
  }

  private static func inForce(_ context: CommandContext) throws(CommandFailure) -> ConfigurationInForce {
    try ConfigurationInForce(
      agent: context, flags: [:], isContainerized: ProcessSurroundings.isContainerized, isForRun: false)
  }

  private static func check(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let document = ConfigurationCheck(try inForce(context).loaded, isStrict: context.parsed.has("strict"))
    context.show(document.document, document.lines)
    return document.starts ? .fine : .badConfiguration
  }

  private static func show(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let inForce = try inForce(context)
    let document = ConfigurationListing(inForce, isOfSetOnly: context.parsed.has("set"))
    context.show(document.document, document.table.lines(context.drawing))
    for problem in inForce.loaded.problems where problem.severity == .error {
      Output.problem("\(problem.severity.rawValue): \(problem)")
    }
    return inForce.loaded.isUsable ? .fine : .badConfiguration
  }

  private static func migrate(_ context: CommandContext, _ path: String?) throws(CommandFailure) -> ExitCode {
    let file: ConfigurationFile
    do {
      file = try ConfigurationFile.read(path ?? ConfigurationFile.legacyPath)
    } catch {
      throw CommandFailure(.unreadableInput, error.description)
    }
    guard var yaml = file.migrated else {
      throw CommandFailure(
        .unreadableInput, "\(file.path) has no settings in the form of the Datadog agent 5",
        hint: "A datadog.yaml needs no conversion: roost config check --config \(file.path)")
    }
    for hint in ConfigurationLoader.load(file: file).problems { Output.problem("\(hint.severity.rawValue): \(hint)") }
    // Both ways of printing end the last line.
    if yaml.hasSuffix("\n") { yaml.removeLast() }
    if let output = context.parsed.value("output") { try SmallFile.write(yaml, to: output) } else { Output.line(yaml) }
    return .fine
  }
}
