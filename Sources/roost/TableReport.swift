import JSON
import Terminal

/// What a command about statistics shows: a document, the same for people, and what is to be said beside it.
struct TableReport {
  var document: JSONValue
  var lines: [String]
  /// Said on standard error beside a document, which has no place for it.
  var note: String?
  var code = ExitCode.fine
}

extension CommandContext {
  /// Shows a report once or, with `--watch`, again every second until the process is ended.
  func show(
    _ table: TableOptions, _ report: () throws(CommandFailure) -> TableReport
  ) throws(CommandFailure) -> ExitCode {
    let first = try report()
    guard table.isWatching else {
      show(first.document, first.lines)
      if options.json, let note = first.note { Output.failure(note.prefix(1).lowercased() + note.dropFirst()) }
      return first.code
    }
    var screen = WatchScreen(isTerminal: ProcessSurroundings.isOutputTerminal)
    draw(first, on: &screen)
    while !Output.isClosed {
      WatchScreen.pause()
      do throws(CommandFailure) {
        draw(try report(), on: &screen)
      } catch {
        // The agent may be restarted; what there is to see then comes by itself.
        if options.json { Output.failure(error.message) } else { screen.draw([error.message]) }
      }
    }
    return .fine
  }

  private func draw(_ report: TableReport, on screen: inout WatchScreen) {
    if options.json { Output.lineNow(report.document.compactText) } else { screen.draw(report.lines) }
  }
}
