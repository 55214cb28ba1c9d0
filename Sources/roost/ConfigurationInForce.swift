import Configuration
import Terminal

/// The configuration that a command finds: the file of `--config` or the usual one, and the environment.
///
/// Commands and agent work out from it alone where they meet, so a command typed with the agent's `--config` and
/// variables finds that agent.
struct ConfigurationInForce {
  let loaded: LoadedConfiguration
  private let environment: [String: String]

  /// For a command that asks the agent.
  init(_ context: CommandContext) throws(CommandFailure) {
    environment = context.environment
    loaded = ConfigurationLoader.load(
      file: try Self.file(context.options.configPath, isForAgent: false), environment: environment)
  }

  /// For the agent itself.
  ///
  /// - Parameters:
  ///   - flags: texts of the flags of `roost serve` by their name with dashes.
  ///   - isContainerized: whether this process runs in a container.
  init(
    agent context: CommandContext, flags: [String: String], isContainerized: Bool
  ) throws(CommandFailure) {
    environment = context.environment
    loaded = ConfigurationLoader.load(
      file: try Self.file(context.options.configPath, isForAgent: true), environment: environment, flags: flags,
      isContainerized: isContainerized)
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

  /// A missing file is an error only when it was asked for. One at the usual place that this user may not read stops the
  /// agent, whose settings it holds, but no other command: the defaults may well lead to the agent.
  private static func file(_ path: String?, isForAgent: Bool) throws(CommandFailure) -> ConfigurationFile? {
    do {
      return try ConfigurationFile.read(path ?? ConfigurationFile.defaultPath)
    } catch {
      if path == nil && (error.isMissing || !isForAgent) { return nil }
      throw CommandFailure(.unreadableInput, error.description)
    }
  }
}
