import Control
import Text
import Traces

/// What is said when a query finds no trace, or an id names none or several.
package enum NoTracesReport {
  /// A query that found nothing.
  /// - Parameters:
  ///   - window: `--since` as it was typed; `nil` for all that is stored.
  ///   - hasAny: whether any trace is stored at all.
  package static func lines(_ filter: TraceFilter, window: String?, hasAny: Bool) -> [String] {
    guard hasAny else { return ["No trace is stored yet; they are written a few seconds after they came."] }
    let query = safeText(filter.description)
    let asked = query.isEmpty ? "No trace was stored" : "No trace matches \(query)"
    return [asked + (window.map { " in the last \(safeText($0))" } ?? "") + "."]
      + filter.tagKeys.compactMap(tagHint) + filter.words.compactMap(wordHint)
      + (window == nil ? [] : ["Without --since all that is stored is searched."])
  }

  /// A tag that is named nearly like something else.
  private static func tagHint(_ key: String) -> String? {
    suggestion(for: key, among: TraceFilter.fieldNames).map {
      "\(safeText(key)) is looked for among the tags; did you mean \($0):?"
    }
  }

  /// A word that joins conditions when it is in capitals.
  private static func wordHint(_ word: String) -> String? {
    ["or", "and", "not"].contains(word)
      ? "\(word) is looked for as a word; \(word.uppercased()) in capitals joins conditions." : nil
  }

  /// Why there is no single trace for what was typed behind `roost trace`; one sentence, and below it what to type.
  package static func message(_ selector: TraceSelector, _ answer: NoTraceAnswer) -> (text: String, hint: String?) {
    let (text, hint) = reason(selector, answer)
    let missing = MissingThreads.note(onTraces: answer.missingThreads).map { $0 + "." }
    return (text, missing.map { note in hint.map { "\(note) \($0)" } ?? note } ?? hint)
  }

  private static func reason(_ selector: TraceSelector, _ answer: NoTraceAnswer) -> (text: String, hint: String?) {
    guard answer.candidates.isEmpty else {
      let ids = answer.candidates.map(safeText).joined(separator: "\n  ")
      return ("several traces begin with \(selector.words.joined())", "Type more of one of them:\n  \(ids)")
    }
    if answer.searchEndedEarly == true { return cutMessage(selector) }
    switch selector {
    case .last: return ("no trace is stored yet", "They are written a few seconds after they came.")
    case .slowest(let service, let resource):
      return (
        "no trace has a span of service \"\(safeText(service))\" with resource \"\(safeText(resource))\"",
        "`roost services` and `roost resources SERVICE` list the names."
      )
    case .error(let service):
      return (
        "no stored trace has a failed span of service \"\(safeText(service))\"", "`roost traces --errors` lists all."
      )
    case .hexPrefix, .low:
      return (
        "no stored trace has an id that begins with \(selector.words.joined())", "`roost traces` lists the newest."
      )
    }
  }

  /// The same where the search had to end before all traces were looked at.
  private static func cutMessage(_ selector: TraceSelector) -> (text: String, hint: String?) {
    switch selector {
    case .slowest(let service, let resource):
      (
        "no trace with a span of service \"\(safeText(service))\" and resource \"\(safeText(resource))\" was found in time; not all were looked at",
        "`roost traces --sort duration` with --service, --resource and --since looks at fewer."
      )
    case .error(let service):
      (
        "no trace with a failed span of service \"\(safeText(service))\" was found in time; not all were looked at",
        "`roost traces --errors` with --service and --since looks at fewer."
      )
    case .last, .hexPrefix, .low:
      ("no trace was found in time; not all were looked at", "`roost traces` with --since looks at fewer.")
    }
  }
}
