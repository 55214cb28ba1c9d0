extension Explanation {
  static let rst019 = Explanation(
    id: "RST019", name: "OTLP is sent to the port for Datadog's formats",
    symptoms: [
      "OTLP exporter: 404 Not Found /v1/traces", "Failed to export traces to localhost:8126",
      "StatusCode.UNAVAILABLE localhost:8126",
      "http2: frame too large", "rpc error: code = Unavailable",
    ],
    text: """
      An OpenTelemetry exporter sends OTLP. Its ports are 4318 for HTTP and 4317 for gRPC; 8126 is for the formats \
      of Datadog's tracers, which are different.

      Datadog's tracers export OTLP instead of their own format when OTEL_TRACES_EXPORTER=otlp is set: ddtrace (Python) \
      since 4.8, Node's since 5.98, Java's since 1.62, .NET's since 3.41, Go's since 2.8, to port 4318 of localhost unless \
      an endpoint is set. roost gets none of these traces. Older releases do not read the value.

      Point the exporter at a receiver of OTLP, or use a Datadog tracer in the app.
      """)
}
