import Addresses
import Control
import JSON
import Platform
import Terminal

/// `roost send-test`: one trace on the way that an app's traces take, watched at each stage.
enum SendTestCommand: RoostCommand {
  static let model = CommandModel(
    "send-test", summary: "Send one test trace and watch it through every stage.",
    details: """
      Sends a request with a query inside, as the service roost-test, to the configured trace port,
      and waits until it is counted, kept and forwarded. Exit code 1 when a stage fails. On a busy
      agent, other traces can make the last two stages pass. Of an agent that you may not query,
      only the first two stages can be seen. The tables leave it out, unless they are asked for it:
      roost resources roost-test, roost services --tests. JSON: roost.send_test.v1.
      """,
    globals: ["config", "json", "color"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let configuration = try ConfigurationInForce(context)
    let (agent, whyNotVisible) = try agent(AgentFinder.find(configuration))
    let isJSON = context.options.json
    let colors = context.drawing.colors
    let journey = TestTraceJourney(
      agent: agent, whyNotVisible: whyNotVisible, addresses: SocketAddress.all(configuration.value),
      onStage: { stage in
        if !isJSON { Output.lineNow(SendTestReport.line(stage, colors: colors)) }
      })
    // Half a second ago, so that the whole trace lies in the past.
    let trace = TestTrace(traceID: UInt64.random(in: 1...UInt64(Int64.max)), startNs: nowNs() - 500_000_000)
    let result = try journey.travel(trace)
    if isJSON { Output.line(result.document.text) }
    return result.isFine ? .fine : .findings
  }

  /// The agent to watch; `nil` where traces can be sent and what becomes of them cannot be seen, and why that is.
  private static func agent(
    _ found: AgentFinder.Result
  ) throws(CommandFailure) -> (agent: ControlClient?, whyNotVisible: String) {
    switch found {
    case .visible(let agent): return (agent, "")
    case .hidden(let agent):
      return (nil, "\(agent.name): \(agent.obstacle)" + (agent.command().map { "; type: \($0)" } ?? ""))
    case .none(_, .other): return (nil, "no roost answers there")
    case .none(let problem, let onPort): throw CommandFailure(problem, onPort)
    }
  }

  private static func nowNs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
