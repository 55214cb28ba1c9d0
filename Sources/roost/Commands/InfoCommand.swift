import Control
import JSON
import Terminal

/// `roost info`: what came in, what went out, what was lost and why.
enum InfoCommand: RoostCommand {
  static let model = CommandModel(
    "info", summary: "Show what the agent received, kept, sent and dropped, and from whom.",
    details: "All numbers count from the agent's start. JSON: roost.info.v1.",
    options: [
      OptionModel("verbose", short: "v", help: "Add endpoints, sampling rates and the newest errors."),
      OptionModel("prometheus", help: "Print the counters in Prometheus's text format."),
      OptionModel("tests", help: "List roost send-test among the clients."),
    ],
    globals: ["config", "json", "color", "no-header", "width"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let answer = try context.agent().info()
    if context.parsed.has("prometheus") {
      PrometheusText.text(answer).split(separator: "\n").forEach { Output.line(String($0)) }
      return .fine
    }
    let report = InfoReport(answer, includesTests: context.parsed.has("tests"))
    context.show(report.answer.document, report.lines(context.drawing, verbose: context.parsed.has("verbose")))
    return .fine
  }
}
