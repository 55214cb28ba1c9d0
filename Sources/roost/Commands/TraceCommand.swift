import Control
import JSON
import Terminal
import Text
import Traces

/// `roost trace ID`: one trace, whole.
enum TraceCommand: RoostCommand {
  private enum Format: String, CaseIterable { case tree, json, md, otlp, folded }

  static let model = CommandModel(
    "trace", summary: "Draw one trace: what called what, when, for how long, and why it failed.",
    details: """
      Which one: the first digits of its id, hexadecimal or decimal; last; slowest SERVICE RESOURCE;
      error SERVICE. A service's name stands where the trace enters it. SELF is the time that no
      child covers. Five and more siblings of one kind share a line (× 31). Formats: tree; json
      (roost.trace.v1); md, for a ticket or a chat; otlp, JSON for OpenTelemetry programs; folded,
      stacks for flame graph programs. Exit code 1 when there is no such trace.
      """,
    arguments: [
      ArgumentModel(
        "ID", values: .choices(["last", "slowest", "error"]),
        meaning: "the first digits of a trace's id, last, slowest SERVICE RESOURCE, or error SERVICE"),
      ArgumentModel("SERVICE", isRequired: false, values: .output(ServicesCommand.namesOnly)),
      ArgumentModel("RESOURCE", isRequired: false),
    ],
    options: [
      OptionModel(
        "format", value: "FORMAT", choices: Format.allCases.map(\.rawValue),
        help: "Print it in this format; tree by default."),
      OptionModel("verbose", short: "v", help: "List all tags of each span."),
      OptionModel("limit", value: "N", help: "Draw N lines of the tree at most, those that matter; 200 by default."),
      TraceSource.option,
    ], globals: ["config", "json", "color", "no-header", "width"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let words = context.parsed.arguments
    guard let selector = TraceSelector(words: words) else {
      throw CommandFailure(.usage, problem(words), hint: "Try `roost trace --help`.")
    }
    let limit = try context.tableOptions.limit
    let format = try format(context)
    let answer = try context.traceSource().trace(selector)
    switch format {
    case .tree:
      TraceReport(
        answer, time: .here, rowsMax: limit ?? TraceReport.rowsMax, isVerbose: context.parsed.has("verbose")
      ).lines(context.drawing).forEach(Output.line)
    case .json: Output.line(answer.document.text)
    case .md:
      let tree = TraceTree(answer.trace)
      Output.line(String(tree.markdown(startText: LocalTime.here.full(tree.startNs)).dropLast()))
    case .otlp: Output.line(answer.trace.otlp.text)
    case .folded: TraceTree(answer.trace).foldedStacks.forEach(Output.line)
    }
    if answer.leftOutSpans > 0, format != .tree {
      Output.failure("the last \(answer.leftOutSpans) spans are left out: the trace is too large")
    }
    if answer.isSearchCut, format != .tree { Output.failure(TraceReport.searchCutNote) }
    if let missing = MissingThreads.note(onTraces: answer.missingThreads), format != .tree { Output.failure(missing) }
    return .fine
  }

  private static func format(_ context: CommandContext) throws(CommandFailure) -> Format {
    let format = context.parsed.value("format").flatMap(Format.init) ?? (context.options.json ? .json : .tree)
    guard !context.options.json || format == .json else {
      throw CommandFailure(
        .usage, "--json does not go with --format \(format.rawValue)", hint: "Try `roost trace --help`.")
    }
    return format
  }

  private static func problem(_ words: [String]) -> String {
    let shape: String? =
      switch words.first {
      case "last": "last"
      case "slowest": "slowest SERVICE RESOURCE"
      case "error": "error SERVICE"
      default: nil
      }
    if let shape { return "it is `roost trace \(shape)`" }
    return words.count > 1
      ? "`roost trace` takes one id"
      : "\"\(safeText(words.first ?? ""))\" is no trace's id: up to 32 hexadecimal digits, or a decimal number"
  }
}
