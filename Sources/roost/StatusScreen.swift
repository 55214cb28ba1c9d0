import Addresses
import Control
import Terminal

/// `roost` alone: is an agent running, is anything arriving, what to type next.
enum StatusScreen {
  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    if context.options.json {
      throw CommandFailure(.usage, "--json needs a command, such as `roost info --json`")
    }
    let configuration = try ConfigurationInForce(context)
    let agent = ControlClient(path: try configuration.controlPath())
    do {
      let info = try agent.info()
      let services = try agent.services(ServicesQuery())
      StatusReport.lines(info, services: services, drawing: context.drawing).forEach(Output.line)
    } catch let failure where failure.code == .noAgent {
      let taken = SocketAddress.all(configuration.value).first(where: StreamSocket.takesConnections)
      StatusReport.lines(noAgentAt: agent.path, taken: taken?.description, drawing: context.drawing).forEach(
        Output.line)
    }
    // Either way it said what it is there to say.
    return .fine
  }
}
