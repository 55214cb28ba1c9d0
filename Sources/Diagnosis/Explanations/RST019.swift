extension Explanation {
  static let rst019 = Explanation(
    id: "RST019", name: "OTLP is sent to where roost takes none",
    lines: [
      "Failed to export spans batch code: 404, reason: Not Found",
      "Failed to export traces to localhost:8126, error code: StatusCode.UNAVAILABLE, error details: failed to "
        + "connect to all addresses; last error: UNAVAILABLE: ipv4:127.0.0.1:8126: Failed parsing HTTP/2 (Expected "
        + "SETTINGS frame as the first frame, got frame type 79)",
      "Failed to export traces to localhost:4317, error code: StatusCode.DEADLINE_EXCEEDED, error details: "
        + "Deadline Exceeded",
      "failed to send, dropping 1 traces to intake at http://localhost:4318/v1/traces: Network error: client "
        + "error (Connect)",
      "Failed to export spans. The request could not be executed. Full error message: Failed to connect to "
        + "localhost/127.0.0.1:4317",
      "traces export: Post \"http://localhost:4318/v1/traces\": dial tcp 127.0.0.1:4318: connect: connection refused",
      "traces export: context deadline exceeded: rpc error: code = Unavailable desc = connection error: desc = "
        + "\"error reading server preface: http2: frame too large\"",
      "Error: 14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:4317",
      "Exporting failed. Will retry the request after interval.",
    ],
    signs: [
      "an app that exports OTLP is not in roost services"
    ],
    text: """
      An OpenTelemetry exporter sends OTLP: over HTTP, by default to port 4318 of localhost, or over gRPC, to port 4317. \
      roost takes both at all of its ports: at 4317 and 4318 (where its trace port is 8126, or where \
      otlp_config.receiver.protocols says) and at its trace port. For gRPC it needs the library libnghttp2.

      Which of the two an exporter speaks, OTEL_EXPORTER_OTLP_PROTOCOL says (http/protobuf or grpc); without it the SDKs \
      of the languages differ, and Python's is gRPC. An exporter with nothing at its address drops what it has, and its \
      lines say so. roost takes traces only: metrics and logs are refused.

      Datadog's tracers export OTLP instead of their own format when OTEL_TRACES_EXPORTER=otlp is set: ddtrace (Python) \
      since 4.8, Node's since 5.98, Java's since 1.62, .NET's since 3.41, Go's since 2.8, to port 4318 of localhost unless \
      an endpoint is set. Older releases do not read the value.
      """)
}
