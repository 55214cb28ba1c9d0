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
  /// Of messages that say what went wrong.
  private static let faultLevels: Set = ["ERROR", "WARN", "WARNING", "CRITICAL"]
  /// What is worth knowing also where nobody set it.
  private static let alwaysKept: Set = [
    "DD_TRACE_ENABLED", "trace_enabled", "tracing_enabled", "DD_APM_TRACING_ENABLED", "DD_TRACE_AGENT_URL",
    "trace_agent_url", "DD_TRACE_SAMPLE_RATE", "trace_sample_rate",
  ]

  /// Bytes of a name by which things are told apart.
  private static let nameBytesMax = 200

  /// A setting of which something was said.
  private struct Setting: Sendable {
    /// Of the value in force; `nil` where the tracer counts none.
    var number: Int64?
    /// `nil` for one that is its default again. Its number is remembered, so that an older report does not bring back what
    /// was before.
    var row: TracerSettingRow?
  }

  private struct Tracer: Sendable {
    let id: String
    /// But for its settings and integrations.
    var row: TracerRow
    /// By the names as they came.
    var settings: [String: Setting] = [:]
    var integrations: [String: TracerIntegrationRow] = [:]

    var whole: TracerRow {
      var row = row
      row.settings = settings.values.compactMap(\.row).sorted { $0.name < $1.name }
      row.integrations = integrations.values.sorted { $0.name < $1.name }
      return row
    }
  }

  private let tracers = Lock<[Tracer]>([])

  /// Adds what a report says to what was known of its tracer.
  func add(_ report: TelemetryReport, nowNs: Int64) {
    tracers.withLock { tracers in
      let id = Self.key(report.runtimeID)
      if report.isHeartbeat {
        guard let known = tracers.firstIndex(where: { $0.id == id }) else { return }
        return tracers[known].row.lastSeenNs = nowNs
      }
      let index = Self.place(of: id, in: &tracers, nowNs: nowNs)
      Self.merge(report, into: &tracers[index], nowNs: nowNs)
    }
  }

  /// The one that was heard of last first.
  var rows: [TracerRow] { tracers.withLock { $0.map(\.whole) }.sorted { $0.lastSeenNs > $1.lastSeenNs } }

  /// Settings that are remembered of all tracers, for tests.
  var heldSettings: Int { tracers.withLock { $0.reduce(0) { $0 + $1.settings.count } } }

  private static func place(of id: String, in tracers: inout [Tracer], nowNs: Int64) -> Int {
    if let known = tracers.firstIndex(where: { $0.id == id }) { return known }
    if tracers.count >= tracersMax {
      let oldest = tracers.indices.min { one, other in
        let (a, b) = (tracers[one].row, tracers[other].row)
        return a.isClosed == b.isClosed ? a.lastSeenNs < b.lastSeenNs : a.isClosed
      }
      if let oldest { tracers.remove(at: oldest) }
    }
    tracers.append(Tracer(id: id, row: TracerRow(runtimeID: shownID(id), firstSeenNs: nowNs)))
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
    for setting in inForce(report.settings) { merge(setting, into: &tracer.settings) }
    for integration in report.integrations { merge(integration, into: &tracer.integrations) }
    let faults = report.messages.filter { faultLevels.contains($0.level.uppercased()) }
    for message in faults.suffix(messagesMax) { merge(message, into: &tracer.row, nowNs: nowNs) }
  }

  /// Of each name the value in force, by names.
  private static func inForce(_ settings: [TelemetryReport.Setting]) -> [TelemetryReport.Setting] {
    var newest: [String: TelemetryReport.Setting] = [:]
    for setting in settings where !isOlder(setting.number, than: newest[setting.name]?.number) {
      newest[setting.name] = setting
    }
    return newest.values.sorted { $0.name < $1.name }
  }

  private static func isOlder(_ number: Int64?, than known: Int64?) -> Bool {
    guard let number, let known else { return false }
    return number < known
  }

  /// What is not kept is not scrubbed either, which takes the most time.
  private static func merge(_ setting: TelemetryReport.Setting, into settings: inout [String: Setting]) {
    let key = key(setting.name)
    let known = settings[key]
    if isOlder(setting.number, than: known?.number) { return }
    let isSet = !["default", "unknown", ""].contains(setting.origin) || !setting.error.isEmpty
    guard isSet || alwaysKept.contains(key) else {
      if known != nil { settings[key] = Setting(number: setting.number) }
      return
    }
    if known?.row == nil {
      guard settings.values.count(where: { $0.row != nil }) < settingsMax else { return }
      if settings.count >= 2 * settingsMax { settings = settings.filter { $0.value.row != nil } }
    }
    settings[key] = Setting(
      number: setting.number,
      row: TracerSettingRow(
        name: shown(setting.name), value: Scrubber.value(setting.value, of: setting.name, shownMax: textMax),
        origin: shown(setting.origin), error: shown(setting.error)))
  }

  private static func merge(
    _ integration: TelemetryReport.Integration, into integrations: inout [String: TracerIntegrationRow]
  ) {
    let key = key(integration.name)
    guard integrations[key] != nil || integrations.count < integrationsMax else { return }
    integrations[key] = TracerIntegrationRow(
      name: shown(integration.name), version: shown(integration.version), isEnabled: integration.isEnabled,
      isCompatible: integration.isCompatible, error: shown(integration.error))
  }

  /// What was said before moves to the front.
  private static func merge(_ message: TelemetryReport.Message, into row: inout TracerRow, nowNs: Int64) {
    let made = TracerMessageRow(atNs: nowNs, level: shown(message.level.lowercased()), message: shown(message.text))
    row.messages.removeAll { $0.message == made.message }
    row.messages.insert(made, at: 0)
    if row.messages.count > messagesMax { row.messages.removeLast() }
  }

  private static func key(_ text: String) -> String {
    text.utf8.count <= nameBytesMax ? text : String(decoding: text.utf8.prefix(nameBytesMax), as: UTF8.self)
  }

  /// Most ids are 32 digits or a UUID, which look like keys and are none.
  private static func shownID(_ id: String) -> String {
    id.utf8.count <= 36 && id.allSatisfy { $0.isHexDigit || $0 == "-" } ? id : shown(id)
  }

  private static func shown(_ text: String) -> String { Scrubber.scrub(text, shownMax: textMax) }
}
