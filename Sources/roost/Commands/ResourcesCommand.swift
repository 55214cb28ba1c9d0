import Control
import JSON
import Terminal
import Text

/// `roost resources [SERVICE]`: a row for every endpoint, query or job of one service, or of all.
enum ResourcesCommand: RoostCommand {
  static let model = CommandModel(
    "resources", summary: "List resources, of one service or of all: endpoints, queries or jobs.",
    details: """
      A resource is what a service was asked for: GET /cart, SELECT … FROM orders. SHARE is a
      row's part of the time spent in all of them. ~ marks percentiles of fewer than 20 hits.
      Exit code 1 when no such service is known. JSON: roost.resources.v1.
      """,
    arguments: [ArgumentModel("SERVICE", isRequired: false, values: .output(ServicesCommand.namesOnly))],
    options: TableOptions.models(TableColumn.ofResources) + [
      TableSource.option,
      OptionModel(
        "all-spans", help: "Count inner spans that have statistics too, not only those that enter the service."),
    ])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let table = try context.tableOptions
    let source = try context.tableSource()
    let query = ResourcesQuery(
      service: context.parsed.arguments.first, windowNs: context.options.windowNs, env: context.options.env,
      allSpans: context.parsed.has("all-spans"))
    var isFirst = true
    return try context.show(table) { () throws(CommandFailure) -> TableReport in
      var answer = try source.resources(query)
      if isFirst { context.noteLongWindow(answer.covered) }
      isFirst = false
      answer.rows = table.rows(of: answer.rows)
      let lines = ResourcesReport(answer, showsTime: query.windowNs != nil).lines(context.drawing)
      guard answer.rows.isEmpty else { return TableReport(document: answer.document, lines: lines) }
      return explain(answer, query, try EmptyTable(source, context))
    }
  }

  /// A table without rows. A service that nobody knows is what was looked for and is not there.
  private static func explain(_ answer: ResourcesAnswer, _ query: ResourcesQuery, _ empty: EmptyTable) -> TableReport {
    var report = TableReport(document: answer.document, lines: empty.lines, note: empty.note)
    guard let service = query.service else { return report }
    let isKnown = empty.services.contains(service) || service == TestTraffic.service && empty.hasTests
    let about = EmptyReport.lines(
      service: service, known: isKnown ? [service] : empty.services, allSpans: query.allSpans)
    guard !isKnown else {
      if empty.note == nil { report.lines = about }
      return report
    }
    report.code = .findings
    report.lines = empty.services.isEmpty || empty.note != nil ? about + empty.lines : about
    report.note = about.joined(separator: " ")
    return report
  }
}
