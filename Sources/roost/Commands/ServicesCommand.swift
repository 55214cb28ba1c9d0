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
    options: TableOptions.models(TableColumn.ofServices) + [
      TableSource.option,
      OptionModel("names", help: "Print the services' names only, one a line."),
      OptionModel("tests", help: "List what roost send-test sent, too."),
    ])

  /// What is typed for names that a shell can offer.
  static let namesOnly = ["services", "--names"]

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let table = try context.tableOptions
    if context.parsed.has("names") {
      if let other = ["watch", "sort", "limit"].first(where: { context.parsed.options[$0] != nil }) {
        throw CommandFailure(
          .usage, "--names does not go with --\(other)", hint: "Try `roost services --help`.")
      }
      let source = try context.tableSource()
      for name in Set(try services(source, context).rows.map(\.service)).sorted() { Output.line(safeText(name)) }
      return .fine
    }
    let source = try context.tableSource()
    var isFirst = true
    return try context.show(table) { () throws(CommandFailure) -> TableReport in
      var answer = try services(source, context)
      if isFirst { context.noteLongWindow(answer.covered) }
      isFirst = false
      answer.rows = table.rows(of: answer.rows)
      let lines = ServicesReport(answer, showsTime: context.options.windowNs != nil).lines(context.drawing)
      guard answer.rows.isEmpty else { return TableReport(document: answer.document, lines: lines) }
      let empty = try EmptyTable(source, context)
      return TableReport(document: answer.document, lines: empty.lines, note: empty.note)
    }
  }

  private static func services(
    _ source: TableSource, _ context: CommandContext
  ) throws(CommandFailure) -> ServicesAnswer {
    let options = context.options
    return try source.services(
      ServicesQuery(windowNs: options.windowNs, env: options.env, includesTests: context.parsed.has("tests")))
  }
}
