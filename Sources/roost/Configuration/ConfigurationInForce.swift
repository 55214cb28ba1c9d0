import Configuration
import Secrets
import Terminal

/// The configuration that a command finds: the file of `--config` or the usual one, and the environment.
///
/// Commands and agent work out from it alone where they meet, so a command typed with the agent's `--config` and
/// variables finds that agent.
struct ConfigurationInForce {
  let loaded: LoadedConfiguration
  private let environment: [String: String]
  /// What was read; nil when there is no file.
  let file: ConfigurationFile?

  /// For a command that asks the agent.
  init(_ context: CommandContext) throws(CommandFailure) {
    environment = context.environment
    file = try Self.file(context.options.configPath, isNeeded: false)
    loaded = ConfigurationLoader.load(file: file, environment: environment)
  }

  /// For the agent itself.
  ///
  /// - Parameters:
  ///   - flags: texts of the flags of `roost serve` by their name with dashes.
  ///   - isContainerized: whether this process runs in a container.
  ///   - isForRun: whether the agent is only for a `roost run`, whose user may lack the rights of the machine's agent.
  init(
    agent context: CommandContext, flags: [String: String], isContainerized: Bool, isForRun: Bool
  ) throws(CommandFailure) {
    environment = context.environment
    file = try Self.file(context.options.configPath, isNeeded: !isForRun)
    loaded = ConfigurationLoader.load(
      file: file, environment: environment, flags: flags, isContainerized: isContainerized, isForRun: isForRun,
      askSecrets: { SecretProgram($0, environment: context.environment).ask($1) })
  }

  var value: AgentConfiguration { loaded.value }

  /// Where the agent's control socket is.
  func controlPath() throws(CommandFailure) -> String { try controlPath(of: value, environment) }

  /// Where it is first, then where it may be when it cannot be there: nowhere else when a setting names the place.
  /// - Parameter port: of an agent that is told another port than the configured one.
  func controlPaths(port: Int? = nil) throws(CommandFailure) -> [String] {
    var configuration = value
    if let port { configuration.receiverPort = port }
    let usual = try controlPath(of: configuration, environment)
    guard configuration.controlSocket == nil, let name = usual.split(separator: "/").last else { return [usual] }
    let withoutSession = try controlPath(of: configuration, environment.filter { $0.key != "XDG_RUNTIME_DIR" })
    return [usual, withoutSession, "/tmp/roost-\(ProcessSurroundings.userID)/\(name)"]
  }

  /// Where commands of another user look who has no variables set; `nil` when they have no place.
  func usualControlPath(uid: UInt32) -> String? {
    let configuration = ConfigurationLoader.load(file: file, environment: [:]).value
    return try? ControlSocketPath.path(configuration: configuration, environment: [:], uid: uid)
  }

  private func controlPath(
    of configuration: AgentConfiguration, _ environment: [String: String]
  ) throws(CommandFailure) -> String {
    do {
      return try ControlSocketPath.path(
        configuration: configuration, environment: environment, uid: ProcessSurroundings.userID)
    } catch {
      throw CommandFailure(.badConfiguration, error.description)
    }
  }

  /// A missing file is an error only when it was asked for; in place of the usual one that of version 5 is read. One that
  /// this user may not read stops the agent, which without it would send to the wrong place, but no other command: that
  /// says so and goes on, as variables and defaults may well lead to the agent.
  private static func file(_ path: String?, isNeeded: Bool) throws(CommandFailure) -> ConfigurationFile? {
    for candidate in path.map({ [$0] }) ?? [ConfigurationFile.defaultPath, ConfigurationFile.legacyPath] {
      do {
        return try ConfigurationFile.read(candidate)
      } catch {
        guard path == nil else { throw CommandFailure(.unreadableInput, error.description) }
        if error.isMissing { continue }
        if isNeeded {
          throw CommandFailure(
            .unreadableInput, "\(error); the agent does not start without its settings",
            hint: "Start it as a user who may read them, or name another file: "
              + "roost serve --config FILE (/dev/null for none).")
        }
        Output.failure("\(error); going on with variables and defaults")
        return nil
      }
    }
    return nil
  }
}
