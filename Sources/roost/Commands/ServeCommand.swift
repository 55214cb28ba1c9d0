import Agent
import Configuration
import Terminal

/// `roost serve`: the agent, in the foreground, until SIGTERM or SIGINT.
enum ServeCommand: RoostCommand {
  static let model = CommandModel(
    "serve", summary: "Run the agent in the foreground.",
    details: """
      Takes traces on 127.0.0.1:8126, shows them to the other commands, and forwards them when an
      API key is set. Settings come from datadog.yaml, DD_* variables and these options, the later
      the stronger; docs/configuration.md lists them all.
      """,
    options: OptionTable.flags.compactMap(option) + [
      OptionModel("strict", help: "Do not start with warnings about the configuration, either."),
      OptionModel("pid", value: "FILE", help: "Leave the process number in a file while the agent runs."),
    ], globals: ["config"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let owner = ParentWatch.run(context.environment)
    let inForce = try read(context, isForRun: owner != nil)
    let loaded = inForce.loaded
    let isStrict = context.parsed.has("strict")
    let warnings = isStrict ? StartWarnings.of(loaded) : []
    guard loaded.isUsable, !isStrict || loaded.problems.isEmpty && warnings.isEmpty else {
      for problem in loaded.problems { Output.problem("\(problem.severity.rawValue): \(problem)") }
      for warning in warnings { Output.problem("warning: \(warning)") }
      throw CommandFailure(.badConfiguration, "the agent does not start with this configuration")
    }
    let controlPath = try inForce.controlPath()
    let stores = [loaded.value.storePath, nil].map { configured in
      StorePlace.choose(
        configured: configured, environment: context.environment, uid: ProcessSurroundings.userID,
        isForRun: owner != nil)
    }
    let process = AgentProcess(
      configuration: loaded, build: BuildIdentity(version: BuildVersion.version, commit: BuildVersion.commit),
      controlPath: controlPath, storePlace: stores[0],
      spoolFolder: SpoolPlace.choose(
        configured: loaded.value.spoolPath, store: stores[0], usualStore: stores[1], isForRun: owner != nil),
      owner: owner, doctor: doctor(context, loaded.value, controlPath),
      reading: { try read(context, isForRun: owner != nil).loaded },
      // The service is then the program that the run is for.
      notices: owner == nil
        ? ServiceNotices(environment: context.environment, processID: ProcessSurroundings.processID) : .none,
      pidPath: context.parsed.value("pid"))
    return try run(process)
  }

  private static func read(_ context: CommandContext, isForRun: Bool) throws(CommandFailure) -> ConfigurationInForce {
    try ConfigurationInForce(
      agent: context, flags: flags(context.parsed), isContainerized: ProcessSurroundings.isContainerized,
      isForRun: isForRun)
  }

  /// What the page runs: it finds this agent by what the agent was started with.
  private static func doctor(
    _ context: CommandContext, _ configuration: AgentConfiguration, _ controlPath: String
  ) -> OwnDoctor {
    OwnDoctor(
      arguments: context.options.configPath.map { ["--config", $0] } ?? [],
      variables: [
        "ROOST_CONTROL_SOCKET": controlPath, "DD_APM_RECEIVER_PORT": String(configuration.receiverPort),
      ])
  }

  private static func run(_ process: AgentProcess) throws(CommandFailure) -> ExitCode {
    do {
      try process.run()
      return .fine
    } catch {
      switch error {
      case .receiver(let cause): throw CommandFailure(.cannotCreate, cause.description)
      case .control(let cause): throw CommandFailure(.badConfiguration, cause.description)
      // Another agent may be ending, or somebody makes room: it is worth another start.
      case .journal(let cause): throw CommandFailure(.cannotCreate, cause.description)
      case .forwarder(let cause): throw CommandFailure(.badConfiguration, cause.description)
      }
    }
  }

  /// The table of options names flags with their dashes.
  private static func option(_ option: ConfigurationOption) -> OptionModel? {
    guard let flag = option.flag else { return nil }
    let initial = option.defaultText.filter { $0 != "`" }
    let summary = option.summary.prefix(1).uppercased() + option.summary.dropFirst()
    let help = summary + (initial.isEmpty ? "." : " [\(initial)].")
    return OptionModel(
      String(flag.name.drop { $0 == "-" }), value: flag.isValueOptional ? nil : flag.placeholder,
      optionalValue: flag.isValueOptional ? flag.placeholder : nil, help: help)
  }

  /// What was typed, as the loader takes it.
  private static func flags(_ parsed: ParsedArguments) -> [String: String] {
    var flags: [String: String] = [:]
    for case let flag? in OptionTable.flags.map(\.flag) {
      if let text = parsed.value(String(flag.name.drop { $0 == "-" })) {
        flags[flag.name] = flag.placeholder == nil || text.isEmpty && flag.isValueOptional ? "true" : text
      }
    }
    return flags
  }
}
