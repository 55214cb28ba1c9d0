import Control
import JSON
import Terminal
import Text

/// `roost services`: a row for every service, over its service-entry spans.
enum ServicesCommand: RoostCommand {
  static let model = CommandModel(
    "services", summary: "List services with hits, errors and latency.",
    details: """
      A service is a program or a part of it: your web app, its database client. Every span
      that enters a service counts as a hit. ~ marks percentiles of fewer than 20 hits.
      JSON: roost.services.v1.
      """,
    options: [OptionModel("names", help: "Print the services' names only, one a line.")])

  /// What is typed for names that a shell can offer.
  static let namesOnly = ["services", "--names"]

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let agent = try context.agent()
    context.noteLongWindow()
    let options = context.options
    let answer = try agent.services(ServicesQuery(windowNs: options.windowNs, env: options.env))
    if context.parsed.has("names") {
      for name in Set(answer.rows.map(\.service)).sorted() { Output.line(safeText(name)) }
      return .fine
    }
    let report = ServicesReport(answer)
    if report.answer.rows.isEmpty, !options.json {
      EmptyReport.lines(try agent.info(), window: options.windowText, env: options.env).forEach(Output.line)
    } else {
      context.show(report.answer.document, report.lines(context.drawing))
    }
    return .fine
  }
}
