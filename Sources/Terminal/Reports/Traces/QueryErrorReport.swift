import Text
import Traces

/// A query that is not understood, with a mark below the character.
package enum QueryErrorReport {
  /// Columns of the query that are shown on each side of the mark.
  private static let context = 60

  /// The query's line and the mark's, to be printed below the error's message.
  package static func lines(_ query: String, _ error: TraceQueryError) -> [String] {
    let scalars = Array(query.unicodeScalars)
    let position = min(max(error.position, 0), scalars.count)
    let start = max(0, position - context)
    func text(_ range: Range<Int>) -> String { safeText(String(String.UnicodeScalarView(scalars[range]))) }
    let before = (start > 0 ? "…" : "") + text(start..<position)
    let end = min(scalars.count, position + context)
    let line = before + text(position..<end) + (end < scalars.count ? "…" : "")
    return ["  " + line, "  " + String(repeating: " ", count: before.displayWidth) + "^"]
  }
}
