import Control
import Platform
import Scrubbing

/// What the tracers of this machine said of themselves, the newest of each process. Bounded, whatever clients send.
final class TracerTable: Sendable {
  /// Tracers that are told apart; the one that has ended, else the one that was heard of last longest ago, makes way.
  static let tracersMax = 64
  /// Settings that are kept of one: those that somebody set, and a few more.
  static let settingsMax = 100
  static let integrationsMax = 200
  /// Errors and warnings of one, the newest.
  static let messagesMax = 8
  /// Characters shown of a text.
  private static let textMax = 200
  /// What is worth knowing also where nobody set it.
  private static let alwaysKept: Set = [
    "DD_TRACE_ENABLED", "trace_enabled", "tracing_enabled", "DD_APM_TRACING_ENABLED", "DD_TRACE_AGENT_URL",
    "trace_agent_url", "DD_TRACE_SAMPLE_RATE", "trace_sample_rate",
  ]

  private struct Tracer: Sendable {
    var row: TracerRow
    /// By name, the number of the value in force.
    var numbers: [String: Int64] = [:]
  }

  private let tracers = Lock<[Tracer]>([])

  /// Adds what a report says to what was known of its tracer.
  func add(_ report: TelemetryReport, nowNs: Int64) {
    tracers.withLock { tracers in
      let index = Self.place(of: report, in: &tracers, nowNs: nowNs)
      Self.merge(report, into: &tracers[index], nowNs: nowNs)
    }
  }

  /// The one that was heard of last first.
  var rows: [TracerRow] { tracers.withLock { $0.map(\.row) }.sorted { $0.lastSeenNs > $1.lastSeenNs } }

  private static func place(of report: TelemetryReport, in tracers: inout [Tracer], nowNs: Int64) -> Int {
    let id = shown(report.runtimeID)
    if let known = tracers.firstIndex(where: { $0.row.runtimeID == id }) { return known }
    if tracers.count >= tracersMax {
      let oldest = tracers.indices.min { one, other in
        let (a, b) = (tracers[one].row, tracers[other].row)
        return a.isClosed == b.isClosed ? a.lastSeenNs < b.lastSeenNs : a.isClosed
      }
      if let oldest { tracers.remove(at: oldest) }
    }
    tracers.append(Tracer(row: TracerRow(runtimeID: id, firstSeenNs: nowNs)))
    return tracers.count - 1
  }

  private static func merge(_ report: TelemetryReport, into tracer: inout Tracer, nowNs: Int64) {
    tracer.row.service = shown(report.service)
    tracer.row.env = shown(report.env)
    tracer.row.version = shown(report.version)
    tracer.row.language = shown(report.language)
    tracer.row.languageVersion = shown(report.languageVersion)
    tracer.row.tracerVersion = shown(report.tracerVersion)
    tracer.row.hostname = shown(report.hostname)
    tracer.row.lastSeenNs = nowNs
    tracer.row.isClosed = report.isClosing
    for (name, isOn) in report.products where tracer.row.products.count < 32 || tracer.row.products[name] != nil {
      tracer.row.products[shown(name)] = isOn
    }
    for setting in report.settings { merge(setting, into: &tracer) }
    for integration in report.integrations { merge(integration, into: &tracer.row) }
    for message in report.messages { merge(message, into: &tracer.row, nowNs: nowNs) }
  }

  private static func merge(_ setting: TelemetryReport.Setting, into tracer: inout Tracer) {
    let name = shown(setting.name)
    if let known = tracer.numbers[name], known > setting.number { return }
    let isSet = !["default", "unknown", ""].contains(setting.origin) || !setting.error.isEmpty
    let index = tracer.row.settings.firstIndex { $0.name == name }
    guard isSet || alwaysKept.contains(name) else {
      if let index { tracer.row.settings.remove(at: index) }
      return
    }
    let row = TracerSettingRow(
      name: name, value: Scrubber.value(setting.value, of: name, shownMax: textMax), origin: shown(setting.origin),
      error: shown(setting.error))
    if let index {
      tracer.row.settings[index] = row
    } else if tracer.row.settings.count < settingsMax {
      tracer.row.settings.append(row)
      tracer.row.settings.sort { $0.name < $1.name }
    } else {
      return
    }
    tracer.numbers[name] = setting.number
  }

  private static func merge(_ integration: TelemetryReport.Integration, into row: inout TracerRow) {
    let made = TracerIntegrationRow(
      name: shown(integration.name), version: shown(integration.version), isEnabled: integration.isEnabled,
      isCompatible: integration.isCompatible, error: shown(integration.error))
    if let index = row.integrations.firstIndex(where: { $0.name == made.name }) {
      row.integrations[index] = made
    } else if row.integrations.count < integrationsMax {
      row.integrations.append(made)
      row.integrations.sort { $0.name < $1.name }
    }
  }

  /// Only what went wrong; what was said before moves to the front.
  private static func merge(_ message: TelemetryReport.Message, into row: inout TracerRow, nowNs: Int64) {
    guard ["ERROR", "WARN", "WARNING", "CRITICAL"].contains(message.level.uppercased()) else { return }
    let made = TracerMessageRow(atNs: nowNs, level: shown(message.level.lowercased()), message: shown(message.text))
    row.messages.removeAll { $0.message == made.message }
    row.messages.insert(made, at: 0)
    if row.messages.count > messagesMax { row.messages.removeLast() }
  }

  private static func shown(_ text: String) -> String { Scrubber.scrub(text, shownMax: textMax) }
}
