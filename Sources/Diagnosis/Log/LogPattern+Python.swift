extension LogPattern {
  /// Lines of ddtrace for Python, from 0.8 of 2017 to 4.x, as its releases write them to a refused port, a missing
  /// socket, an unknown name and a proxy.
  static let python: [LogPattern] = [
    LogPattern(
      "python.cannot_send_services", ["cannot send services"],
      "ddtrace (before 0.15) could not tell the agent which services the app has", hidesError: true,
      example: "ddtrace.writer - ERROR - cannot send services: [Errno 61] Connection refused"),
    LogPattern(
      "python.cannot_send_spans", ["cannot send spans"],
      "ddtrace (before 0.15) could not deliver its traces, and they are lost", hidesError: true,
      example: "ddtrace.writer - ERROR - cannot send spans to localhost:8126: [Errno 111] Connection refused"),
    LogPattern(
      "python.error_sending_spans", ["error sending spans"],
      "ddtrace (of 2016) could not deliver its traces, and they are lost; the reason ends the traceback below it",
      hidesError: true,
      example: "ERROR:ddtrace.writer:error sending spans"),
    LogPattern(
      "python.failed_to_send_to_agent", ["failed_to_send traces to Agent"],
      "ddtrace (before 0.15) got an answer that was not the one it wanted",
      example: "ddtrace.writer - ERROR - failed_to_send traces to Agent: HTTP error status 403, reason Forbidden"),
    LogPattern(
      "python.connect_failed", ["failed to send, dropping ", "client error (Connect)"],
      "ddtrace (3 and later) could not connect and dropped traces; the line does not tell whether the connection was "
        + "refused, timed out, stopped by a proxy, or the name unknown",
      lostAfter: ["dropping "], hidesError: true,
      example:
        "failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces: Network error: "
        + "client error (Connect)"),
    LogPattern(
      "python.dropping_after_retries", ["failed to send, dropping ", " retries"],
      "ddtrace tried several times to deliver traces, then dropped them", lostAfter: ["dropping "], hidesError: true,
      example:
        "failed to send, dropping 23 traces to intake at http://10.154.0.10:8126/v0.5/traces after 3 retries "
        + "([Errno 111] Connection refused)"),
    LogPattern(
      "python.dropping", ["failed to send, dropping "], "ddtrace could not deliver traces and dropped them",
      lostAfter: ["dropping "], hidesError: true,
      example:
        "failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces: Error code: 403 Forbidden"),
    LogPattern(
      "python.unsupported_endpoint", ["unsupported endpoint"],
      "ddtrace asked for an endpoint that what answered does not have, and takes an older one from now on; the traces "
        + "of this one payload are lost",
      example: "unsupported endpoint '/v0.5/traces': received response 404 from intake (http://localhost:8126)"),
    LogPattern(
      "python.failed_to_send", ["ailed to send traces to Datadog Agent"],
      "ddtrace (before 1.0) could not deliver its traces, and they are lost", hidesError: true,
      example:
        "ddtrace.internal.writer - ERROR - Failed to send traces to Datadog Agent at http://localhost:8126: "
        + "[Errno 111] Connection refused"),
    LogPattern(
      "python.refused_by_intake", ["failed to send traces to intake at "],
      "ddtrace got an answer that was not the one it wanted", lostAfter: [],
      example: "failed to send traces to intake at http://localhost:8126/v0.5/traces: HTTP error status 403"),
    LogPattern(
      "python.telemetry", ["failed to send telemetry to "],
      "ddtrace could not deliver reports about itself; traces go another way, and this loses none of them",
      isAside: true,
      example: "failed to send telemetry to http://localhost:8126/telemetry/proxy/api/v2/apmtelemetry."),
    LogPattern(
      "python.data_streams", ["does not support data streams monitoring"],
      "ddtrace's data streams monitoring (DD_DATA_STREAMS_ENABLED) found no endpoint of its own, which roost does not "
        + "have; traces go another way, and this loses none of them",
      isAside: true, example: "Datadog agent does not support data streams monitoring. Upgrade to 7.34+"),
    LogPattern(
      "python.data_streams_refused", ["failed to send data stream stats payload"],
      "ddtrace could not deliver its data streams monitoring; traces go another way, and this loses none of them",
      isAside: true,
      example:
        "failed to send data stream stats payload, 503 (Service Unavailable) (stopping) response from Datadog agent at "
        + "http://localhost:8126/v0.1/pipeline_stats"),
    LogPattern(
      "python.data_streams_lost", ["retry limit exceeded submitting pathway stats"],
      "ddtrace could not deliver its data streams monitoring; traces go another way, and this loses none of them",
      isAside: true,
      example: "retry limit exceeded submitting pathway stats to http://localhost:8126/v0.1/pipeline_stats (None)"),
    LogPattern(
      "python.unsupported_protocol", ["Unsupported protocol '", "in intake URL"],
      "ddtrace does not take what DD_TRACE_AGENT_URL holds for an address, and stops the app with this error",
      errorName: "INVALID_URL",
      example:
        "ValueError: Unsupported protocol 'localhost' in intake URL 'localhost:8126'. Must be one of: http, https, unix"
    ),
    LogPattern(
      "python.invalid_url", ["Invalid ", " in intake URL "],
      "ddtrace does not take what DD_TRACE_AGENT_URL holds for an address, and stops the app with this error",
      errorName: "INVALID_URL", example: "ValueError: Invalid hostname in intake URL 'http://'"),
    LogPattern(
      "python.api_version", ["Unsupported api version: "],
      "ddtrace does not know the format that DD_TRACE_API_VERSION names, and sends the newest that it knows; this loses "
        + "no traces", isAside: true,
      example: "Unsupported api version: 'v0.9'. The supported versions are: 'v0.4, v0.5'"),
    LogPattern(
      "python.not_reachable", ["Agent not reachable at "],
      "ddtrace tried the agent when the app started and did not reach it", hidesError: true,
      example:
        "DATADOG TRACER DIAGNOSTIC - Agent not reachable at http://localhost:8126. "
        + "Exception raised: [Errno 99] Cannot assign requested address"),
    LogPattern(
      "python.too_large", ["larger than payload buffer item limit"],
      "one trace has more spans than ddtrace puts into a payload, and was dropped before sending",
      example: "trace (9437184b) larger than payload buffer item limit (8388608b), dropping"),
    LogPattern(
      "python.too_big", ["too big to fit in a payload"],
      "one trace has more spans than ddtrace puts into a payload, and was dropped before sending",
      example: "Trace is too big to fit in a payload, dropping it"),
    LogPattern(
      "python.buffer_full", ["cannot fit trace of size"],
      "ddtrace's buffer is full: more traces come than it can deliver",
      example: "trace buffer (412 traces 8388000b/8388608b) cannot fit trace of size 5000b, dropping"),
    LogPattern(
      "python.queue_full", ["Writer queue is full"],
      "ddtrace's queue is full: more traces come than it can deliver",
      example: "Writer queue is full has more than 1000 traces, some traces will be lost"),
  ]
}
