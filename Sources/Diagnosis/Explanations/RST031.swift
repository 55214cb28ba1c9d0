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
      A setting turns the tracer off, so that it neither sends nor complains. Which setting does depends on the tracer; \
      for ddtrace (Python) this was tried with 0.38, 0.50, 1.20, 2.21, 3.19 and 4.16. DD_TRACE_ENABLED=false is obeyed by \
      all tracers, by ddtrace since 0.41; before 0.58 its name was DATADOG_TRACE_ENABLED. OTEL_TRACES_EXPORTER=none is \
      obeyed by ddtrace since 2.9. OTEL_SDK_DISABLED=true is for OpenTelemetry's own SDK: Datadog's tracers go on. \
      DD_APM_TRACING_ENABLED=false has no effect unless one of the products that can do without tracing is on \
      (DD_APPSEC_ENABLED, DD_IAST_ENABLED, DD_APPSEC_SCA_ENABLED, DD_AI_GUARD_ENABLED); then ddtrace since 3.0 sends \
      one trace a minute. Java takes -Ddd.trace.enabled=false; PHP has its own DD_TRACE_CLI_ENABLED for the command \
      line. On the agent's side DD_APM_ENABLED=false keeps the receiver closed.

      What roost has received counts for more: when traces of the process arrive all the same, this is a note.
      """)
}
