import Addresses
import Configuration
import Control

/// Where the agent is that a command is about: at the control socket of the configuration in force, else where the agent
/// on the port says. Under systemd, sudo, su and cron the two differ.
enum AgentFinder {
  enum Result {
    case visible(ControlClient)
    /// It runs, and this user cannot query it.
    case hidden(HiddenAgent)
    /// Why nobody could be queried at the control socket, and what has the port.
    case none(ControlError, AgentOnPort)
  }

  static func find(_ configuration: ConfigurationInForce) throws(CommandFailure) -> Result {
    let usual = ControlClient(path: try configuration.controlPath())
    guard let problem = usual.problem() else { return .visible(usual) }
    // One that is there and too busy to take a connection.
    if case .timedOut = problem { return .none(problem, .nobody) }
    let found = AgentOnPort.look(SocketAddress.all(configuration.value))
    switch found {
    case .nobody, .other: return .none(problem, found)
    case .distantRoost(let agent, let address, let isSafe):
      return .hidden(HiddenAgent(agent, address, .distant(isSafe: isSafe), configuration))
    case .roost(let agent, let address):
      guard let path = controlSocket(of: agent) else {
        var why = "it has no control socket"
        if case .unsafeFolder = problem { why += ", because \(problem)" }
        return .hidden(HiddenAgent(agent, address, .unreachable(why), configuration))
      }
      let client = ControlClient(path: path, of: agent)
      switch client.problem() {
      case nil: return .visible(client)
      case .notPermitted where agent.uid != ProcessSurroundings.userID && ProcessSurroundings.userID != 0:
        return .hidden(HiddenAgent(agent, address, .notPermitted, configuration))
      case let problem?:
        return .hidden(HiddenAgent(agent, address, .unreachable(problem.description), configuration))
      }
    }
  }

  /// `nil` for what is no path of a socket.
  private static func controlSocket(of agent: AgentIdentity) -> String? {
    guard let path = agent.controlSocket, path.hasPrefix("/"), path.utf8.count <= ControlSocketPath.bytesMax,
      path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
    else { return nil }
    return path
  }
}
