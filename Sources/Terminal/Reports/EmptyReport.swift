import Control
import Text

/// What is said in place of an empty table: why it is empty and what to do.
package enum EmptyReport {
  /// For a window and an environment, `nil` where the table has no such limit.
  /// - Parameter envs: environments that were seen in the last hour.
  package static func lines(_ info: InfoAnswer, window: String?, env: String?, envs: [String]) -> [String] {
    let info = info.ofApps
    let refused = DroppedLines.refusedClients(info).map {
      $0.prefix(1).uppercased() + $0.dropFirst() + "; roost doctor says why."
    }
    if info.received.spans == 0 { return refused.isEmpty ? nothingYet(info) : refused }
    if let env, !envs.contains(env), !envs.isEmpty { return [unknownEnv(env, envs) + "."] }
    let limits = [window.map { "in the last \($0)" }, env.map { "in env \"\(safeText($0))\"" }].compactMap { $0 }
    let about = limits.isEmpty ? "in the last hour" : limits.joined(separator: " ")
    var lines = ["No service was seen \(about); \(HumanNumber.count(info.received.spans)) spans arrived in all."]
    if !limits.isEmpty { lines.append("Without --since and --env the table covers all of the last hour.") }
    return lines
  }

  /// Services that are not in the table because their traces were dropped.
  package static func dropped(_ services: ServicesAnswer) -> [String] {
    DroppedLines.services(services.dropped ?? [], nowNs: services.nowNs).map {
      $0.prefix(1).uppercased() + $0.dropFirst() + "; roost doctor says why."
    }
  }

  /// For a file of statistics that no agent answers for.
  /// - Parameter lastAgeNs: how long ago its last span ended; `nil` when it has none.
  package static func lines(
    file: String, lastAgeNs: Int64?, window: String?, env: String?, envs: [String]
  ) -> [String] {
    guard let lastAgeNs else { return ["\(safeText(file)) holds no statistics yet."] }
    if let env, !envs.contains(env), !envs.isEmpty { return [unknownEnv(env, envs) + "."] }
    let hours = max(1, lastAgeNs / 3_600_000_000_000 + 1)
    let since = hours > 48 ? "\(hours / 24 + 1)d" : "\(hours)h"
    return [
      "\(safeText(file)) has no service in the last \(window ?? "hour"); its last span ended "
        + "\(HumanDuration.age(of: 0, now: lastAgeNs)): try --since \(since)"
    ]
  }

  /// Says of an environment that nothing has been seen of it, what was probably meant, and which ones there are. Without a
  /// final stop.
  package static func unknownEnv(_ env: String, _ envs: [String]) -> String {
    let hint = suggestion(for: env, among: envs).map { "; did you mean \(safeText($0))?" } ?? "."
    return "No service was seen in env \"\(safeText(env))\" in the last hour\(hint) Seen: \(list(envs))"
  }

  /// A service that has no rows, with the names that have.
  package static func lines(service: String, known: [String], allSpans: Bool = false) -> [String] {
    let name = safeText(service)
    if known.contains(service) {
      return ["Service \"\(name)\" has no resources in this window" + (allSpans ? "." : "; try --all-spans.")]
    }
    let hint = suggestion(for: service, among: known).map { "; did you mean \(safeText($0))?" } ?? "."
    return ["There is no service \"\(name)\"\(hint)"] + (known.isEmpty ? [] : ["Seen: \(list(known))"])
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).map(safeText).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
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
