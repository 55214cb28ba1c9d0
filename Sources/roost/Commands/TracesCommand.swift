import Control
import JSON
import Terminal
import Text
import Traces

/// `roost traces [QUERY]`: the stored traces that a query finds.
enum TracesCommand: RoostCommand {
  static let model = CommandModel(
    "traces", summary: "List single traces: the newest, the slowest, or what a query finds.",
    details: """
      QUERY is words that stand in a trace (checkout "connection refused"), and conditions:
      service:shop resource:"GET /cart/*" operation: env: type: status:error duration:>100ms
      spans:>50 errors:>0 kept:false trace:ID http.method:(GET OR POST) retries:>2, joined with
      AND, OR, NOT and parentheses; - in front of one negates it. A shell needs quotes around >,
      <, * and parentheses: 'duration:>100ms'. docs/queries.md describes all of it.
      TRACE begins the id that `roost trace` takes. Traces are kept where the agent has a file for
      them (local.db). Exit code 1 when none is found. JSON: roost.traces.v1.
      """,
    arguments: [ArgumentModel("QUERY", isRequired: false, isRepeated: true)],
    options: TraceQueryOptions.models + [
      TraceSource.option,
      OptionModel("follow", help: "Print each trace as it arrives, until Ctrl-C or --limit."),
      OptionModel("ndjson", help: "Print each trace as a JSON object on a line of its own."),
      OptionModel("watch", help: "Draw the table again every second until Ctrl-C; with --json, one document a line."),
    ])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let parsed = context.parsed
    if parsed.has("follow") {
      for other in ["watch", "sort", "until"] where parsed.has(other) {
        throw CommandFailure(.usage, "--follow does not go with --\(other)", hint: "Try `roost traces --help`.")
      }
    }
    if parsed.has("ndjson"), context.options.json || parsed.has("watch") {
      throw CommandFailure(
        .usage, "--ndjson does not go with --\(context.options.json ? "json" : "watch")",
        hint: "Try `roost traces --help`.")
    }
    let options = try options(parsed)
    let filter = TraceFilter.allOf([try filter(parsed.arguments.joined(separator: " ")), options.filter])
    let source = try context.traceSource()
    if parsed.has("follow") {
      var follower = try TraceFollower(source, filter, context)
      return try follower.run(sinceNs: context.options.windowNs.map { WallNow.ns &- $0 })
    }
    let table = try context.tableOptions
    return try context.show(table) { () throws(CommandFailure) -> TableReport in
      let query = query(filter, options, context)
      let answer = try source.traces(query)
      if parsed.has("ndjson") { return report(answer, lines: answer.rows.map(\.line)) }
      guard answer.rows.isEmpty else {
        return report(answer, lines: TracesReport(answer, time: .here).lines(context.drawing))
      }
      return try explain(answer, filter, source, context)
    }
  }

  private static func report(_ answer: TracesAnswer, lines: [String]) -> TableReport {
    TableReport(document: answer.document, lines: lines, code: answer.rows.isEmpty ? .findings : .fine)
  }

  /// A list without traces: what was looked for is not there.
  private static func explain(
    _ answer: TracesAnswer, _ filter: TraceFilter, _ source: TraceSource, _ context: CommandContext
  ) throws(CommandFailure) -> TableReport {
    var report = report(answer, lines: [])
    let hasAny = try !source.traces(TracesQuery(limit: 1)).rows.isEmpty
    let info = try hasAny ? nil : source.agent?.info()
    if let info, info.ofApps.received.spans == 0 {
      report.lines = EmptyReport.lines(info, window: nil, env: nil, envs: [])
    } else {
      report.lines = NoTracesReport.lines(filter, window: context.options.windowText, hasAny: hasAny)
    }
    let found = TracesReport(answer, time: .here)
    report.lines += [found.cutNote, found.missingNote].compactMap(\.self)
    report.note = report.lines.first
    return report
  }

  private static func options(_ parsed: ParsedArguments) throws(CommandFailure) -> TraceQueryOptions {
    do { return try TraceQueryOptions(parsed) } catch {
      throw CommandFailure(.usage, error.message, hint: "Try `roost traces --help`.")
    }
  }

  private static func filter(_ text: String) throws(CommandFailure) -> TraceFilter {
    do { return try TraceFilter(parsing: text) } catch {
      throw CommandFailure(
        .usage, error.message,
        hint: (QueryErrorReport.lines(text, error) + ["Try `roost traces --help`."]).joined(separator: "\n"))
    }
  }

  private static func query(
    _ filter: TraceFilter, _ options: TraceQueryOptions, _ context: CommandContext
  ) -> TracesQuery {
    let nowNs = WallNow.ns
    return TracesQuery(
      filter: filter, sinceNs: context.options.windowNs.map { nowNs &- $0 },
      untilNs: options.untilAgoNs.map { nowNs &- $0 }, order: options.order, limit: options.limit)
  }
}
