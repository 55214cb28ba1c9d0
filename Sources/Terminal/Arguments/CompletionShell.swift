/// A shell that can complete what is typed, and the script that teaches it to.
package enum CompletionShell: String, Sendable, CaseIterable {
  case bash, zsh, fish

  /// The script for all that `program` takes. It follows from the model, so a new command or option is in it by itself.
  package func script(for program: ProgramModel) -> String {
    let lines =
      switch self {
      case .bash: program.bashCompletion
      case .zsh: program.zshCompletion
      case .fish: program.fishCompletion
      }
    return lines.joined(separator: "\n")
  }

  /// A word in single quotes, with which nothing in it means anything to the shell.
  func quoted(_ text: String) -> String {
    let quote = "'"
    switch self {
    case .bash, .zsh:
      return quote + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + quote
    case .fish:
      let escaped = text.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
      return quote + String(escaped) + quote
    }
  }
}
