import Control
import Text

/// What is said in place of an empty table: why it is empty and what to do.
package enum EmptyReport {
  /// `question` words the limits: `in the last 15m`.
  package static func lines(_ info: InfoAnswer, window: String?, env: String?) -> [String] {
    if info.received.spans == 0 { return nothingYet(info) }
    let limits = [window.map { "in the last \($0)" }, env.map { "in env \"\(safeText($0))\"" }].compactMap { $0 }
    let about = limits.isEmpty ? "in the last hour" : limits.joined(separator: " ")
    var lines = ["No service was seen \(about); \(HumanNumber.count(info.received.spans)) spans arrived in all."]
    if !limits.isEmpty { lines.append("Without --since and --env the table covers all of the last hour.") }
    return lines
  }

  /// A service that has no rows, with the names that have.
  package static func lines(service: String, known: [String], allSpans: Bool = false) -> [String] {
    let name = safeText(service)
    if known.contains(service) {
      return ["Service \"\(name)\" has no resources in this window" + (allSpans ? "." : "; try --all-spans.")]
    }
    let hint = suggestion(for: service, among: known).map { "; did you mean \(safeText($0))?" } ?? "."
    let names = known.prefix(10).map(safeText).joined(separator: ", ") + (known.count > 10 ? ", …" : "")
    return ["There is no service \"\(name)\"\(hint)"] + (known.isEmpty ? [] : ["Seen: \(names)"])
  }

  private static func nothingYet(_ info: InfoAnswer) -> [String] {
    let places = info.listeners.map(safeText).joined(separator: ", ")
    return [
      "Nothing has arrived yet. The agent listens on \(places.isEmpty ? "nothing" : places).",
      "Start an instrumented app (\(clientSetting(info.listeners))), or try: roost send-test",
    ]
  }

  /// The setting that makes a tracer send here.
  package static func clientSetting(_ listeners: [String]) -> String {
    guard let first = listeners.first else { return "DD_TRACE_AGENT_URL" }
    let url = first.hasPrefix("/") ? "unix://" + first : "http://" + first
    return "DD_TRACE_AGENT_URL=" + safeText(url)
  }
}
