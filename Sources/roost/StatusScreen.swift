import Addresses
import Control
import Terminal

/// `roost` alone: is an agent running, is anything arriving, what to type next.
enum StatusScreen {
  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    if context.options.json {
      throw CommandFailure(.usage, "--json needs a command, such as `roost info --json`")
    }
    switch try AgentFinder.find(ConfigurationInForce(context)) {
    case .visible(let agent):
      let info = try agent.info()
      let services = try agent.services(ServicesQuery())
      StatusReport.lines(info, services: services, drawing: context.drawing).forEach(Output.line)
    case .hidden(let agent):
      StatusReport.lines(
        hidden: "\(agent.name) is running on \(agent.address)", obstacle: agent.obstacle, command: agent.command(),
        drawing: context.drawing
      ).forEach(Output.line)
    case .none(.noAgent(let path), let onPort):
      var taken: SocketAddress?
      if case .other(let address) = onPort { taken = address }
      StatusReport.lines(noAgentAt: path, taken: taken?.description, drawing: context.drawing).forEach(Output.line)
    case .none(let problem, _): throw CommandFailure(problem)
    }
    // Either way it said what it is there to say.
    return .fine
  }
}
