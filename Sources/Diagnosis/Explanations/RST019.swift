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

      Point the exporter at a receiver of OTLP, or use a Datadog tracer in the app.
      """)
}
