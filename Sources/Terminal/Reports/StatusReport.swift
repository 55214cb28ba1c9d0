import Control
import Diagnosis
import Text

/// The lines of `roost` alone: is an agent running, is anything arriving, does the way out work, what to type next.
package enum StatusReport {
  /// When an agent answers. `services` are those of the last hour.
  package static func lines(_ info: InfoAnswer, services: ServicesAnswer, drawing: Drawing) -> [String] {
    let places = info.listeners.map(safeText).joined(separator: ", ")
    let running =
      "an agent is running (pid \(info.pid), up \(HumanDuration.uptime(info.uptimeNs))) on "
      + (places.isEmpty ? "no address" : places)
    let newest = services.rows.map(\.lastSeenNs).max()
    let next = suggestion(services)
    let page = info.page.map { [mark("✓", .good, "the page is at \(safeText($0))", drawing)] } ?? []
    let notListening = info.notListening.map {
      mark("✗", .bad, "not on \(safeText($0.address)): \(safeText($0.reason))", drawing)
    }
    let lost = lost(info.ofApps, services, drawing)
    let further = lost + wayOut(info, drawing) + page + settings(info, drawing)
    let hasTrouble = !info.intake.troubles.isEmpty || !lost.isEmpty || !notListening.isEmpty
    let tests = info.receivedFromTests.traces
    let info = info.ofApps
    guard info.received.spans > 0 else {
      let setting = EmptyReport.clientSetting(info.listeners)
      return [
        mark("✓", .good, running, drawing)
      ] + notListening + [
        mark(
          "–", .warning,
          (lost.isEmpty ? "nothing has arrived yet" : "nothing has arrived that could be used")
            + (tests > 0 ? " but from roost send-test" : ""), drawing)
      ] + further + [
        mark(
          "→", .heading,
          lost.isEmpty && !info.listeners.isEmpty
            ? "start an app with \(setting), or type: roost send-test" : "type: roost doctor", drawing)
      ]
    }
    let names = Set(services.rows.map(\.service)).count
    let age = newest.map { ", the last \(ago($0, now: services.nowNs))" } ?? ""
    let from = names == 0 ? "none" : "from \(names) service\(names == 1 ? "" : "s")"
    let traces = info.received.traces
    let arrived =
      (traces == 1 ? "1 trace has" : "\(HumanNumber.count(traces)) traces have")
      + " arrived, \(from) in the last hour\(age)"
    // What was dropped has arrived too.
    let isAnyCounted = !services.rows.isEmpty || services.dropped?.isEmpty ?? true
    return [mark("✓", .good, running, drawing)] + notListening
      + [mark(isAnyCounted ? "✓" : "–", isAnyCounted ? .good : .warning, arrived, drawing)]
      + further + [mark("→", .heading, "type: \(hasTrouble ? "roost doctor" : next)", drawing)]
  }

  /// Services and clients of which nothing, or not all, can be seen in any table.
  private static func lost(_ info: InfoAnswer, _ services: ServicesAnswer, _ drawing: Drawing) -> [String] {
    (services.dropped.map { DroppedLines.services($0, nowNs: services.nowNs) } ?? []).map {
      mark("✗", .bad, $0, drawing)
    } + DroppedLines.refusedClients(info).map { mark("✗", .bad, $0, drawing) }
  }

  /// Whether the intake takes what is forwarded; nothing when nothing is to be forwarded.
  private static func wayOut(_ info: InfoAnswer, _ drawing: Drawing) -> [String] {
    guard case .on(let url) = info.configuration.forwarding else { return [] }
    let intake = IntakeLines(answer: info)
    let troubles = intake.troubles
    let rest = [intake.waiting, intake.lost].compactMap(\.self)
    guard troubles.isEmpty else {
      return troubles.map { mark("✗", .bad, $0, drawing) }
        + ["  " + ([intake.success] + rest).joined(separator: "; ")]
    }
    let past = intake.past.map { mark("!", .warning, $0, drawing) }
    let forwarding = "forwarding to \(safeText(url)), " + intake.success
    let isWell = !intake.isWaitingLong && !intake.hasLostLately
    let sign = isWell ? (info.intake.lastSuccess == nil ? "–" : "✓") : "!"
    return [mark(sign, isWell ? .good : .warning, forwarding, drawing)] + past
      + (isWell || rest.isEmpty ? [] : ["  " + rest.joined(separator: "; ")])
  }

  private static func settings(_ info: InfoAnswer, _ drawing: Drawing) -> [String] {
    guard let text = info.configuration.settingsWithoutEffectText else { return [] }
    let isInVain = info.configuration.hasSettingInVain
    return [mark(isInVain ? "!" : "·", isInVain ? .warning : .faint, text + " (roost info -v lists them)", drawing)]
  }

  /// When one runs that this user cannot query. `hidden` says whose it is and where, `obstacle` why, and `command` what
  /// to type, if anything helps.
  package static func lines(hidden: String, obstacle: String, command: String?, drawing: Drawing) -> [String] {
    let next = command.map { "type: \(safeText($0))" } ?? "roost doctor looks at what can be seen from here"
    return [
      mark("✓", .good, hidden, drawing), mark("–", .warning, obstacle, drawing), mark("→", .heading, next, drawing),
    ]
  }

  /// When none answers. `taken` names an address on which another program listens.
  package static func lines(noAgentAt path: String, taken: String?, drawing: Drawing) -> [String] {
    let arriving = taken.map { "another program answers on \($0)" } ?? "nothing can arrive"
    let start = taken == nil ? "start one: roost serve" : "start one beside it: DD_APM_RECEIVER_PORT=8127 roost serve"
    return [
      mark("✗", .bad, "no agent is running (nothing answers on \(safeText(path)))", drawing),
      mark("–", .warning, arriving, drawing),
      mark("→", .heading, start, drawing),
    ]
  }

  private static func suggestion(_ services: ServicesAnswer) -> String {
    let names = Set(services.rows.map(\.service))
    guard names.count == 1, let only = names.first else { return "roost services" }
    return "roost resources " + safeText(shellWord(only))
  }

  private static func ago(_ timeNs: Int64, now nowNs: Int64) -> String {
    let age = HumanDuration.age(of: timeNs, now: nowNs)
    return age == "now" ? "just now" : age + " ago"
  }

  private static func mark(_ mark: String, _ style: Style, _ text: String, _ drawing: Drawing) -> String {
    style.applied(to: mark, colors: drawing.colors) + " " + text
  }
}
