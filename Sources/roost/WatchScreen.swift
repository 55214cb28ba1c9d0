import Platform
import Terminal

/// Where `--watch` draws: a terminal, on which each table takes the place of the one before, or a pipe or a file, in which
/// an empty line stands between them and no escape sequence.
struct WatchScreen {
  private static let second = timespec(tv_sec: 1, tv_nsec: 0)

  private let isTerminal: Bool
  private var isFirst = true

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// Waits for the second that lies between two tables.
  static func pause() { nanosleep([second], nil) }

  /// Draws in the place of what was drawn before.
  mutating func draw(_ lines: [String]) {
    let text = isTerminal ? Self.frame(lines, isFirst: isFirst, height: ProcessSurroundings.outputHeight) : lines
    if !isTerminal, !isFirst { Output.line("") }
    text.forEach(Output.line)
    Output.flush()
    isFirst = false
  }

  /// A table with what makes a terminal draw it over the one before. Lines for which there is no place are left out, and
  /// the last place says so; what is too wide is cut by the terminal, so that no line takes two.
  /// - Parameter height: lines of the terminal; `nil` for as many as it takes.
  static func frame(_ lines: [String], isFirst: Bool, height: Int?) -> [String] {
    // The cursor stands below the last line.
    let places = height.map { max(1, $0 - 1) } ?? lines.count
    var shown = lines
    if lines.count > places {
      let left = lines.count - places + 1
      shown = lines.prefix(places - 1) + ["… \(left) more line\(left == 1 ? "" : "s")"]
    }
    let start = (isFirst ? "\u{1b}[2J" : "") + "\u{1b}[H\u{1b}[?7l"
    let end = "\u{1b}[J\u{1b}[?7h"
    var frame = shown.map { $0 + "\u{1b}[K" }
    frame = frame.isEmpty ? [""] : frame
    frame[0] = start + frame[0]
    // Cleared before the cursor goes below the last line, for that may be the bottom of the screen.
    frame[frame.count - 1] += end
    return frame
  }
}
