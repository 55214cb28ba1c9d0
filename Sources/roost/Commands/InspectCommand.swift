import Agent
import Control
import Terminal
import Text

/// `roost inspect FILE|ID`: what a captured payload holds, and where a bad one goes wrong.
enum InspectCommand: RoostCommand {
  static let model = CommandModel(
    "inspect", summary: "Decode a captured payload, and show where a bad one goes wrong.",
    details: """
      Draws the traces of a payload as trees, and statistics that a tracer computed as a table of their groups, as the
      client sent them: nothing is obfuscated. Of a payload that cannot be decoded, draws what was read, then the bytes
      around the fault with the one at fault marked; exit code 1.

      FILE is the body of a request, plain or compressed with gzip or zstd; - reads standard input. Its
      format is told by its first bytes and by its name, unless --format says it. ID is the number of one of the last bad
      payloads that the running agent keeps (roost info -v lists them); last is the newest.
      A file whose name is a number is ./7.
      """,
    arguments: [
      ArgumentModel(
        "FILE|ID", values: .files, meaning: "a file, - for standard input, a bad payload's number, or last")
    ],
    options: [
      OptionModel(
        "format", value: "FORMAT", choices: PayloadInspector.formatNames, help: "The format of the file's payload."),
      OptionModel("verbose", short: "v", help: "List all tags of each span."),
      OptionModel(
        "limit", value: "N",
        help:
          "Draw N traces or groups at most: the first, of a bad payload the last; \(InspectReport.tracesMax) by default."
      ),
    ], globals: ["config", "json", "color", "no-header", "width"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let word = context.parsed.arguments.first ?? ""
    let limit = try context.tableOptions.limit
    let inspected = try look(into: try payload(word, context), word)
    let report = InspectReport(
      inspected, time: .here, tracesMax: limit ?? InspectReport.tracesMax, isVerbose: context.parsed.has("verbose"))
    if context.options.json {
      Output.line(inspected.document.text)
    } else {
      report.lines(context.drawing).forEach(Output.line)
    }
    return inspected.fault == nil ? .fine : .findings
  }

  private static func payload(_ word: String, _ context: CommandContext) throws(CommandFailure) -> CapturedPayload {
    let format = context.parsed.value("format")
    let isID = !word.isEmpty && word.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    guard isID || word == "last" else {
      let bytes = try SmallFile.bytes(word, bytesMax: PayloadInspector.bytesMax)
      return CapturedPayload(bytes, fileName: String(word.split(separator: "/").last ?? ""), format: format)
    }
    guard format == nil else {
      throw CommandFailure(.usage, "--format goes with a file: the agent knows the format of what it keeps")
    }
    let id = UInt64(word)
    guard !isID || id != nil else { throw notThere(word, []) }
    let answer = try context.agent().badPayload(BadPayloadQuery(id: id))
    guard let found = answer.found else { throw notThere(isID ? word : nil, answer.ids) }
    return CapturedPayload(found)
  }

  private static func notThere(_ id: String?, _ ids: [UInt64]) -> CommandFailure {
    let text = id.map { "the agent keeps no bad payload \($0)" } ?? "the agent has met no bad payload"
    guard let newest = ids.first, let oldest = ids.last else { return CommandFailure(.findings, text) }
    let kept = newest == oldest ? "only \(newest)" : "\(oldest) to \(newest)"
    return CommandFailure(.findings, text + ": \(kept)", hint: "`roost info -v` lists them.")
  }

  private static func look(
    into payload: CapturedPayload, _ word: String
  ) throws(CommandFailure) -> InspectedPayload {
    do throws(InspectionError) {
      return try PayloadInspector.inspect(payload)
    } catch {
      let name = word == "-" ? "standard input" : safeText(word)
      switch error {
      case .empty: throw CommandFailure(.unreadableInput, "there is no payload in \(name): it is empty")
      case .unknownFormat:
        throw CommandFailure(
          .unreadableInput, "\(name) looks like no payload of traces or statistics",
          hint: "Say what it should be, such as --format v1.0, to see where it is not.")
      case .tooLarge:
        throw CommandFailure(
          .unreadableInput, "what is in \(name) is larger than \(PayloadInspector.bytesMax >> 20) MiB")
      }
    }
  }
}
