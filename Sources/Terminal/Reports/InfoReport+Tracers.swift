import Control
import Text

/// The section of `roost info -v` about tracers as they described themselves in their telemetry.
extension InfoReport {
  /// Names in one line of a list; the document has all.
  private static let namesMax = 40

  /// A few lines for each tracer.
  func tracerLines(_ drawing: Drawing) -> [String] {
    guard !answer.tracers.isEmpty else { return [] }
    return ["tracers, as they say of themselves"] + answer.tracers.flatMap { lines(of: $0, drawing) }
  }

  private func lines(of tracer: TracerRow, _ drawing: Drawing) -> [String] {
    let of = tracer.service.isEmpty ? "" : " of \(safeText(tracer.service))"
    let runtime = [tracer.language, tracer.languageVersion].filter { !$0.isEmpty }.map(safeText).joined(separator: " ")
    let facts = [
      tracer.env.isEmpty ? nil : "env \(safeText(tracer.env))",
      tracer.version.isEmpty ? nil : "version \(safeText(tracer.version))",
      tracer.hostname.isEmpty ? nil : "on \(safeText(tracer.hostname))",
      tracer.isClosed ? "ended" : nil,
      "heard of \(ago(tracer.lastSeenNs))",
    ].compactMap(\.self)
    let title = "  \(runtime) / tracer \(safeText(tracer.tracerVersion))\(of): \(facts.joined(separator: ", "))"
    let failed = tracer.integrations.filter(\.hasFailed)
    let instrumented = tracer.integrations.filter { $0.isEnabled && !$0.hasFailed }
    let products = tracer.products.sorted { $0.key < $1.key }.map { "\(safeText($0.key)) \($0.value ? "on" : "off")" }
    return [title] + list("set", tracer.settings.map(\.line)) + list("instruments", instrumented.map(\.title))
      + failed.map { bad("not instrumented: \($0.title): \($0.reason)", drawing) }
      + list("products", products)
      + tracer.settings.filter { !$0.error.isEmpty }.map {
        bad("setting not taken: \(safeText($0.name)): \(safeText($0.error))", drawing)
      }
      + tracer.messages.map { message in
        bad("\(safeText(message.level)) \(ago(message.atNs)): \(safeText(message.message))", drawing)
      }
  }

  private func ago(_ timeNs: Int64) -> String {
    let age = HumanDuration.age(of: timeNs, now: answer.nowNs)
    return age == "now" ? "just now" : "\(age) ago"
  }

  private func list(_ title: String, _ names: [String]) -> [String] {
    guard !names.isEmpty else { return [] }
    let more = names.count > Self.namesMax ? [" and \(names.count - Self.namesMax) more"] : []
    return ["    \(title): " + names.prefix(Self.namesMax).joined(separator: ", ") + more.joined()]
  }

  private func bad(_ text: String, _ drawing: Drawing) -> String {
    "    " + Style.bad.applied(to: text, colors: drawing.colors)
  }
}

extension TracerSettingRow {
  /// As a list has it: `DD_SERVICE=shop (env_var)`.
  fileprivate var line: String { "\(safeText(name))=\(safeText(value)) (\(safeText(origin)))" }
}

extension TracerIntegrationRow {
  /// As a list has it: `flask 3.0.3`.
  fileprivate var title: String { version.isEmpty ? safeText(name) : "\(safeText(name)) \(safeText(version))" }

  fileprivate var reason: String {
    error.isEmpty ? "the tracer does not know this version" : safeText(error)
  }
}
