import Diagnosis
import JSON
import Terminal
import Text

/// `roost explain ID`: the long text about one thing that the doctor finds.
enum ExplainCommand: RoostCommand {
  static let model = CommandModel(
    "explain", summary: "Say more about a finding of the doctor: roost explain RST021.",
    details: "What happens, why, how to be sure and what to do. JSON: roost.explain.v1.",
    arguments: [
      ArgumentModel("ID", values: .choices(DiagnosisTable.all.map(\.id)), meaning: "that of a finding, such as RST021")
    ],
    globals: ["json", "color", "width"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let id = context.parsed.arguments.first ?? ""
    guard let diagnosis = DiagnosisTable.find(id) else {
      let ids = DiagnosisTable.all.map(\.id)
      let hint = suggestion(for: id.uppercased(), among: ids).map { "; did you mean \($0)?" } ?? ""
      let known = ids.first.flatMap { first in ids.last.map { "They go from \(first) to \($0)." } }
      throw CommandFailure(.usage, "there is no diagnosis \"\(safeText(id))\"\(hint)", hint: known)
    }
    let report = ExplainReport(diagnosis)
    context.show(ExplainDocument(diagnosis).document, report.lines(context.drawing))
    return .fine
  }
}
