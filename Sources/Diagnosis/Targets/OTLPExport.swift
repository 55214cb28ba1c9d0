/// That a process's traces leave it as OTLP, and where they go then.
package struct OTLPExport: Sendable, Equatable {
  /// One for each port that the exporter may use by default, else the endpoint that is set.
  package let places: [Place]
  /// What says so: `OTEL_TRACES_EXPORTER=otlp`, `OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318`.
  package let settings: [String]
  /// The exporter is that of a Datadog tracer, which sends nothing to an agent then.
  package let isDatadog: Bool

  /// Datadog's first tracers that obey OTEL_TRACES_EXPORTER=otlp, by language: Datadog's page on exporting traces from
  /// its SDKs as OTLP. Python's was tried: 4.7 sends to the agent all the same, 4.8 and 4.16 do not.
  private static let firstReleases: [String: (major: Int, minor: Int)] = [
    "python": (4, 8), "nodejs": (5, 98), "java": (1, 62), "dotnet": (3, 41), "go": (2, 8),
  ]

  /// `nil` for a process that exports none, or of which that is not known.
  package static func of(_ process: ProcessEvidence) -> OTLPExport? {
    guard process.isEnvironmentReadable else { return nil }
    let exporter = process.setting("OTEL_TRACES_EXPORTER")
    let isAsked = exporter?.lowercased().split(separator: ",").contains { $0.hasPrefix("otlp") } ?? false
    let isOpenTelemetry = process.tracer?.isOpenTelemetry ?? true
    if isOpenTelemetry {
      // Its SDKs export OTLP by default; a program in which none is seen says so itself.
      guard isAsked || exporter == nil && process.tracer != nil else { return nil }
    } else {
      guard isAsked, process.setting("DD_TRACE_AGENT_PROTOCOL_VERSION") == nil,
        let first = firstReleases[process.language], process.tracer?.isAtLeast(first.major, first.minor) == true
      else { return nil }
    }
    let asked = exporter.map { ["OTEL_TRACES_EXPORTER=\($0)"] } ?? []
    if let name = endpointNames.first(where: { process.setting($0) != nil }), let value = process.setting(name) {
      guard let place = Place(value) else { return nil }
      return OTLPExport(places: [place], settings: asked + ["\(name)=\(value)"], isDatadog: !isOpenTelemetry)
    }
    let ports = isOpenTelemetry ? defaultPorts(process) : [4318]
    return OTLPExport(
      places: ports.map { Place(host: "localhost", port: $0) }, settings: asked, isDatadog: !isOpenTelemetry)
  }

  /// Variables with the address that an exporter sends to; the first one goes before the other.
  static let endpointNames = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]

  /// The protocol that a process is told to export in; `nil` where its SDK decides.
  static func protocolSetting(_ process: ProcessEvidence) -> (name: String, value: String)? {
    for name in ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
      if let value = process.setting(name) { return (name, value.lowercased()) }
    }
    return nil
  }

  /// The protocol decides; without one the languages' SDKs differ.
  private static func defaultPorts(_ process: ProcessEvidence) -> [Int] {
    guard let set = protocolSetting(process) else { return [4317, 4318] }
    return set.value == "grpc" ? [4317] : [4318]
  }
}
