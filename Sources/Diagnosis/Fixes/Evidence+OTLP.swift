extension Evidence {
  /// What to do about an app that exports OTLP, which roost does not take yet.
  func insteadOfOTLP(_ process: ProcessEvidence?) -> [String] {
    let why = "roost does not take OTLP yet"
    let collector = "or send OTLP to a collector of OpenTelemetry, whose ports are 4318 for HTTP and 4317 for gRPC"
    guard let process, process.language == "python" else {
      return ["use Datadog's tracer in place of the OTLP exporter: \(why)", collector]
    }
    let exporting = process.environment.keys.filter { $0.hasPrefix("OTEL_EXPORTER_OTLP_") }.sorted()
    let isDatadogs = process.tracer?.library == "ddtrace"
    let exporter = process.setting("OTEL_TRACES_EXPORTER") == nil ? [] : ["OTEL_TRACES_EXPORTER"]
    let restart = Restart(unset: exporting + exporter, launcher: isDatadogs ? nil : StartCommand.ddtraceRun(process))
    return [restart.line(process, note: "\(why); Datadog's tracer sends its own format"), collector]
  }
}
