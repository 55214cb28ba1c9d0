import Control
import JSON
import Terminal

/// `roost resources SERVICE`: a row for every endpoint, query or job of one service.
enum ResourcesCommand: RoostCommand {
  static let model = CommandModel(
    "resources", summary: "List one service's resources: its endpoints, queries or jobs.",
    details: """
      A resource is what a service was asked for: GET /cart, SELECT … FROM orders. SHARE is a
      row's part of the time spent in all of them. ~ marks percentiles of fewer than 20 hits.
      JSON: roost.resources.v1.
      """,
    arguments: [ArgumentModel("SERVICE", values: .output(ServicesCommand.namesOnly))],
    options: [
      OptionModel(
        "all-spans", help: "Count inner spans that have statistics too, not only those that enter the service.")
    ])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let agent = try context.agent()
    context.noteLongWindow()
    let options = context.options
    let service = context.parsed.arguments.first ?? ""
    let question = ResourcesQuery(
      service: service, windowNs: options.windowNs, env: options.env, allSpans: context.parsed.has("all-spans"))
    let report = ResourcesReport(try agent.resources(question))
    if report.answer.rows.isEmpty, !options.json {
      let known = try agent.services(ServicesQuery(windowNs: options.windowNs, env: options.env)).rows
      let lines =
        known.isEmpty
        ? EmptyReport.lines(try agent.info(), window: options.windowText, env: options.env)
        : EmptyReport.lines(
          service: service, known: Array(Set(known.map(\.service))).sorted(), allSpans: question.allSpans)
      lines.forEach(Output.line)
    } else {
      context.show(report.answer.document, report.lines(context.drawing))
    }
    return .fine
  }
}
