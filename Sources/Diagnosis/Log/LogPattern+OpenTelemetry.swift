extension LogPattern {
  /// Lines of OpenTelemetry's exporters and of its collector, and of ddtrace when it exports OTLP.
  ///
  /// As opentelemetry-exporter-otlp 1.45 for Python and ddtrace 4.16 write them to closed ports and to servers of
  /// HTTP/1, and as users of the others report them.
  static let openTelemetry: [LogPattern] = [
    otlp(
      "python.otlp_dropping", ["failed to send, dropping ", "/v1/traces"],
      "ddtrace is told to export OTLP (OTEL_TRACES_EXPORTER), could not deliver it and dropped the traces",
      lostAfter: ["dropping "],
      "failed to send, dropping 1 traces to intake at http://localhost:4318/v1/traces: Network error: client error "
        + "(Connect)"),
    otlp(
      "python.otlp_retry", ["Transient error ", " encountered while exporting spans"],
      "OpenTelemetry's exporter for Python could not deliver, and tries again",
      "Transient error Service Unavailable encountered while exporting spans batch, retrying in 1.18s."),
    otlp(
      "python.otlp_grpc_retry", ["Transient error ", " encountered while exporting traces"],
      "OpenTelemetry's exporter for Python could not deliver, and tries again",
      "Transient error StatusCode.UNAVAILABLE encountered while exporting traces to localhost:4317, retrying in 1.08s. "
        + "Error details: failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:4317: Failed to "
        + "connect to remote host: Connection refused"),
    otlp(
      "python.otlp_status", ["Failed to export spans", "batch code: "],
      "OpenTelemetry's exporter for Python got an answer that was not the one it wanted, and what it sent is lost",
      "Failed to export spans batch code: 404, reason: Not Found"),
    otlp(
      "python.otlp_gave_up", ["Failed to export spans", "batch due to timeout, max retries or shutdown"],
      "OpenTelemetry's exporter for Python gave up after several tries, and what it sent is lost",
      "Failed to export spans batch due to timeout, max retries or shutdown."),
    otlp(
      "python.otlp_grpc", ["Failed to export traces", "error code: StatusCode."],
      "OpenTelemetry's exporter for Python could not deliver over gRPC, and what it sent is lost",
      "Failed to export traces to localhost:4317, error code: StatusCode.DEADLINE_EXCEEDED, error details: Deadline "
        + "Exceeded"),
    otlp(
      "java.otlp_failed", ["Failed to export spans", "The request could not be executed."],
      "OpenTelemetry's exporter for Java could not deliver, and what it sent is lost",
      "WARN io.opentelemetry.exporter.internal.http.HttpExporter - Failed to export spans. The request could not be "
        + "executed. Full error message: Failed to connect to localhost/127.0.0.1:4318"),
    otlp(
      "java.otlp_status", ["Failed to export spans", "Server responded with "],
      "OpenTelemetry's exporter for Java got an answer that was not the one it wanted, and what it sent is lost",
      "WARNING: Failed to export spans. Server responded with HTTP status code 404. Error message: Unable to parse "
        + "response body, HTTP status message: Not Found"),
    otlp(
      "nodejs.otlp_status", ["OTLPExporterError"],
      "OpenTelemetry's exporter for Node got an answer that was not the one it wanted; the line does not say whether "
        + "traces, metrics or logs are lost",
      "{\"stack\":\"OTLPExporterError: Not Found\\n    at IncomingMessage.<anonymous> (/app/node_modules/@opentelemetry/"
        + "otlp-exporter-base/build/src/platform/node/util.js:76:35)\",\"name\":\"OTLPExporterError\",\"code\":\"404\"}"
    ),
    nodeGRPC(
      "nodejs.otlp_grpc", ":4317",
      "{\"stack\":\"Error: 14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED ::1:4317\\n"
        + "    at callErrorFromStatus (/app/node_modules/@grpc/grpc-js/build/src/call.js:32:19)\"}"),
    nodeGRPC(
      "nodejs.otlp_grpc_exporter", "otlp",
      "{\"stack\":\"Error: 14 UNAVAILABLE: Name resolution failed for target dns:collector:443\\n    at Object.onReceiveStatus "
        + "(/app/node_modules/@opentelemetry/otlp-grpc-exporter-base/build/src/grpc-exporter-transport.js:98:31)\"}"),
    nodeGRPC(
      "nodejs.otlp_grpc_collector", "opentelemetry",
      "Error: 14 UNAVAILABLE: Name resolution failed for target dns:opentelemetry-collector.monitoring:443"),
    otlp(
      "nodejs.otlp_connect", ["connect E", ":4318"], "an exporter of OpenTelemetry for Node could not connect",
      "Error: connect ECONNREFUSED 127.0.0.1:4318"),
    otlp(
      "go.otlp", ["traces export: "], "OpenTelemetry's exporter for Go could not deliver, and what it sent is lost",
      "traces export: context deadline exceeded: rpc error: code = Unavailable desc = connection error: desc = "
        + "\"transport: Error while dialing: dial tcp [::1]:4317: connect: connection refused\""),
    otlp(
      "any.otelcol_retry", ["Exporting failed. Will retry the request after interval"],
      "an OpenTelemetry collector could not deliver, and tries again",
      "info internal/retry_sender.go:126 Exporting failed. Will retry the request after interval. {\"name\": \"otlp\", "
        + "\"error\": \"rpc error: code = DeadlineExceeded desc = context deadline exceeded\", \"interval\": \"6.08s\"}"
    ),
    otlp(
      "any.otelcol_dropped", ["Exporting failed.", "ropping data"],
      "an OpenTelemetry collector could not deliver and dropped what it had", lostAfter: ["\"dropped_items\": "],
      "error internal/queue_sender.go:103 Exporting failed. Dropping data. {\"name\": \"otlp\", \"error\": \"no more "
        + "retries left: rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while "
        + "dialing: dial tcp 127.0.0.1:4317: connect: connection refused\\\"\", \"dropped_items\": 26}"),
    otlp(
      "any.otlp_grpc_port", [":4317", "onnection refused"], "a program was refused at OTLP's port for gRPC",
      "dial tcp 127.0.0.1:4317: connect: connection refused"),
    otlp(
      "any.otlp_http_port", [":4318", "onnection refused"], "a program was refused at OTLP's port for HTTP",
      "dial tcp 127.0.0.1:4318: connect: connection refused"),
    otlp(
      "any.otlp_http_pool", ["ConnectionPool(host=", "port=4318"], "a program was refused at OTLP's port for HTTP",
      "HTTPConnectionPool(host='localhost', port=4318): Max retries exceeded with url: /v1/traces (Caused by "
        + "NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused'))"),
  ]

  /// Any program that speaks gRPC fails with these words; `part` shows that it is an exporter of OpenTelemetry.
  private static func nodeGRPC(_ id: String, _ part: String, _ example: String) -> LogPattern {
    otlp(
      id, ["14 UNAVAILABLE: ", part],
      "an exporter of OpenTelemetry for Node could not deliver over gRPC; the line does not say whether traces, metrics "
        + "or logs are lost", example)
  }

  /// The same exporters about their metrics and logs, which are no traces. They stand before `openTelemetry`.
  static let openTelemetryAsides: [LogPattern] = ["metrics", "logs"].flatMap(asides) + [nodeMetrics]

  /// For Node only the reader of metrics says what it was about: spans and logs fail with the exporter's bare error.
  private static let nodeMetrics = LogPattern(
    "nodejs.otlp_metrics", ["PeriodicExportingMetricReader: metrics export failed"],
    "OpenTelemetry's exporter for Node could not deliver metrics, which roost does not take; traces go another way",
    isAside: true,
    example: "{\"stack\":\"Error: PeriodicExportingMetricReader: metrics export failed (error OTLPExporterError: Not "
      + "Found)\\n    at doExport (/app/node_modules/@opentelemetry/sdk-metrics/build/src/export/"
      + "PeriodicExportingMetricReader.js:76:23)\",\"name\":\"Error\"}")

  /// `signal` is `metrics` or `logs`.
  private static func asides(_ signal: String) -> [LogPattern] {
    let meaning = "could not deliver \(signal), which roost does not take; traces go another way"
    return [
      LogPattern(
        "python.otlp_\(signal)", ["Failed to export \(signal) batch"], "OpenTelemetry's exporter for Python \(meaning)",
        isAside: true, example: "Failed to export \(signal) batch code: 404, reason: Not Found"),
      LogPattern(
        "python.otlp_\(signal)_retry", ["Transient error ", " encountered while exporting \(signal)"],
        "OpenTelemetry's exporter for Python \(meaning)", isAside: true,
        example: "Transient error StatusCode.UNAVAILABLE encountered while exporting \(signal) to localhost:4317, "
          + "retrying in 0.86s. Error details: failed to connect to all addresses; last error: UNKNOWN: "
          + "ipv4:127.0.0.1:4317: Failed to connect to remote host: Connection refused"),
      LogPattern(
        "python.otlp_\(signal)_grpc", ["Failed to export \(signal) to ", "error code: StatusCode."],
        "OpenTelemetry's exporter for Python \(meaning)", isAside: true,
        example:
          "Failed to export \(signal) to localhost:4317, error code: StatusCode.UNAVAILABLE, error details: failed "
          + "to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:4317: Failed to connect to remote host: "
          + "Connection refused"),
      LogPattern(
        "java.otlp_\(signal)", ["Failed to export \(signal). The request could not be executed."],
        "OpenTelemetry's exporter for Java \(meaning)", isAside: true,
        example: "Failed to export \(signal). The request could not be executed. Full error message: Failed to connect "
          + "to localhost/127.0.0.1:4318"),
      LogPattern(
        "java.otlp_\(signal)_status", ["Failed to export \(signal). Server responded with "],
        "OpenTelemetry's exporter for Java \(meaning)", isAside: true,
        example: "Failed to export \(signal). Server responded with HTTP status code 404. Error message: Not Found"),
      LogPattern(
        "any.otelcol_\(signal)", ["Exporting failed.", "\": \"\(signal)\""], "an OpenTelemetry collector \(meaning)",
        isAside: true,
        example: "info internal/retry_sender.go:126 Exporting failed. Will retry the request after interval. "
          + "{\"kind\": \"exporter\", \"data_type\": \"\(signal)\", \"name\": \"otlp\", \"interval\": \"6.08s\"}"),
      LogPattern(
        "any.otlp_\(signal)", [":4318/v1/\(signal)", "onnection refused"], "an exporter of OpenTelemetry \(meaning)",
        isAside: true,
        example: "failed to upload \(signal): Post \"http://localhost:4318/v1/\(signal)\": dial tcp 127.0.0.1:4318: "
          + "connect: connection refused"),
    ]
  }

  private static func otlp(
    _ id: String, _ parts: [String], _ meaning: String, lostAfter: [String] = [], _ example: String
  ) -> LogPattern {
    LogPattern(id, parts, meaning, lostAfter: lostAfter, hidesError: true, isOTLP: true, example: example)
  }
}
