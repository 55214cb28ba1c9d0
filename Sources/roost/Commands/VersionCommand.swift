import Control
import Terminal

/// `roost version` prints this build's number and commit, or a JSON document.
enum VersionCommand: RoostCommand {
  static let model = CommandModel(
    "version", summary: "Print the version.", details: "JSON: roost.version.v1.", globals: ["json"])

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let version = VersionDocument(version: BuildVersion.version, commit: BuildVersion.commit)
    context.show(version.document, [VersionReport.line(version)])
    return .fine
  }
}
