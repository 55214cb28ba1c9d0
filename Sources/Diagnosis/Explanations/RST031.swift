extension Explanation {
  static let rst031 = Explanation(
    id: "RST031", name: "Tracing is turned off",
    lines: [
      "DATADOG TRACER CONFIGURATION {\"service\":\"shop\",\"enabled\":false}"
    ],
    signs: [
      "no traces and no error",
      "DD_TRACE_ENABLED=false",
    ],
    text: """
      A setting turns the tracer off, so that it neither sends nor complains. Tracers look at DD_TRACE_ENABLED and \
      DD_APM_TRACING_ENABLED; those that follow OpenTelemetry's names at OTEL_SDK_DISABLED and at \
      OTEL_TRACES_EXPORTER=none as well; Java takes -Ddd.trace.enabled=false; PHP has its own DD_TRACE_CLI_ENABLED for \
      the command line. On the agent's side DD_APM_ENABLED=false keeps the receiver closed.
      """)
}
