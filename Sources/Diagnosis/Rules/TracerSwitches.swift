/// Settings that turn a tracer off, and in which of its versions they do.
///
/// What is said of versions of ddtrace (Python) was tried with 0.38, 0.50, 1.20, 2.21, 3.19 and 4.16, and read in the
/// releases between; of other tracers it is what Datadog documents.
enum TracerSwitches {
  /// What a switch does to one process's tracer.
  enum Kind: Sendable {
    case off
    /// The version of the tracer is unknown.
    case perhaps
    /// Still one trace a minute, to show that the service lives.
    case fewer
    /// It is not obeyed, though its owner will think so.
    case ignored
    /// It is not about tracing at all.
    case none
  }

  struct Effect: Sendable {
    var kind: Kind
    /// Which tracers obey it; lines of evidence.
    var reason: [String] = []
  }

  /// A switch that a process is started with.
  struct Switch: Sendable {
    /// As it is set: `DD_TRACE_ENABLED=false`.
    var setting: String
    var effect: Effect
    /// How the app is started without it.
    var restart: Restart
  }

  static func set(in process: ProcessEvidence) -> [Switch] {
    var found = rows.compactMap { row -> Switch? in
      guard let value = process.setting(row.name), row.isOff(value, process) else { return nil }
      return Switch(setting: "\(row.name)=\(value)", effect: row.effect(process), restart: Restart(unset: [row.name]))
    }
    if process.language == "java", process.hasOption("-Ddd.trace.enabled=false") {
      found.append(
        Switch(
          setting: "-Ddd.trace.enabled=false", effect: Effect(kind: .off),
          restart: Restart(removed: ["-Ddd.trace.enabled=false"])))
    }
    // ddtrace writes what it makes of OTEL_TRACES_EXPORTER into this variable, where ddtrace-run leaves it to the app.
    if found.contains(where: { $0.setting == "OTEL_TRACES_EXPORTER=none" && $0.effect.kind == .off }) {
      found.removeAll { $0.setting == "DD_TRACE_ENABLED=False" }
    }
    return found
  }

  private struct Row: Sendable {
    var name: String
    var isOff: @Sendable (String, ProcessEvidence) -> Bool
    var effect: @Sendable (ProcessEvidence) -> Effect
  }

  private static let rows = [
    Row(name: "DD_TRACE_ENABLED", isOff: isFalse, effect: traceEnabled),
    Row(name: "DD_APM_TRACING_ENABLED", isOff: isFalse, effect: apmTracingEnabled),
    Row(name: "DATADOG_TRACE_ENABLED", isOff: isFalse, effect: oldTraceEnabled),
    Row(name: "OTEL_SDK_DISABLED", isOff: { value, _ in value.lowercased() == "true" }, effect: sdkDisabled),
    Row(name: "OTEL_TRACES_EXPORTER", isOff: { value, _ in value.lowercased() == "none" }, effect: noExporter),
  ]

  /// ddtrace takes everything but `true` and `1` for false (`asbool`); the others know these words.
  private static func isFalse(_ value: String, _ process: ProcessEvidence) -> Bool {
    let word = value.lowercased()
    return process.language == "python" && process.anyTracer?.isOpenTelemetry != true
      ? word != "true" && word != "1" : ["false", "0", "no", "off", "f", "n"].contains(word)
  }

  private static func isPython(_ process: ProcessEvidence) -> Bool { process.language == "python" }

  private static func traceEnabled(_ process: ProcessEvidence) -> Effect {
    let why = "ddtrace obeys DD_TRACE_ENABLED since 0.41"
    guard isPython(process), let obeys = process.anyTracer?.isAtLeast(0, 41) else { return Effect(kind: .off) }
    return obeys ? Effect(kind: .off) : Effect(kind: .ignored, reason: [why])
  }

  private static func oldTraceEnabled(_ process: ProcessEvidence) -> Effect {
    guard isPython(process) else { return Effect(kind: .none) }
    let why = "ddtrace obeys DATADOG_TRACE_ENABLED in releases before 0.58"
    guard let isLater = process.anyTracer?.isAtLeast(0, 58) else { return Effect(kind: .perhaps, reason: [why]) }
    // That later ones do not read it is a finding of RST029.
    return Effect(kind: isLater ? .none : .off)
  }

  /// Products that go on without tracing, by the variables that turn them on.
  private static let standaloneProducts = [
    "DD_APPSEC_ENABLED", "DD_IAST_ENABLED", "DD_APPSEC_SCA_ENABLED", "DD_AI_GUARD_ENABLED",
  ]

  private static func apmTracingEnabled(_ process: ProcessEvidence) -> Effect {
    let product = standaloneProducts.first { name in
      process.setting(name).map { ["true", "1"].contains($0.lowercased()) } ?? false
    }
    let why = "it is obeyed beside a security product that is on: \(standaloneProducts.joined(separator: ", "))"
    if isPython(process) {
      let since = "ddtrace obeys it since 3.0"
      if process.anyTracer?.isAtLeast(3, 0) == false { return Effect(kind: .ignored, reason: [since]) }
      if process.setting("DD_LLMOBS_ENABLED").map({ ["true", "1"].contains($0.lowercased()) }) == true, product == nil {
        return Effect(kind: .perhaps, reason: ["LLM Observability, which is on, drops all other traces then"])
      }
      return product == nil
        ? Effect(kind: .ignored, reason: [why]) : Effect(kind: .fewer, reason: ["\(product ?? "") is set", since])
    }
    return product == nil
      ? Effect(kind: .perhaps, reason: [why]) : Effect(kind: .fewer, reason: ["\(product ?? "") is set"])
  }

  private static func sdkDisabled(_ process: ProcessEvidence) -> Effect {
    let why = "OpenTelemetry's own SDK obeys it; Datadog's tracers take it for DD_TRACE_OTEL_ENABLED=false"
    guard let tracer = process.tracer else { return Effect(kind: .perhaps, reason: [why]) }
    return tracer.isOpenTelemetry ? Effect(kind: .off) : Effect(kind: .none)
  }

  private static func noExporter(_ process: ProcessEvidence) -> Effect {
    guard isPython(process), let tracer = process.tracer, !tracer.isOpenTelemetry,
      let obeys = tracer.isAtLeast(2, 9)
    else { return Effect(kind: .off) }
    // Before, it meant nothing to ddtrace, and nobody who sets it for another SDK expects that it does.
    let own = process.setting("DD_TRACE_ENABLED")
    return obeys && (own == nil || own == "False") ? Effect(kind: .off) : Effect(kind: .none)
  }
}
