extension LogPattern {
  static let nodejs: [LogPattern] = [
    LogPattern(
      "nodejs.network_error", ["Network error trying to reach the agent"],
      "dd-trace for Node (before 3) could not reach the agent; traces are lost", hidesError: true,
      example:
        "DATADOG TRACER DIAGNOSTIC - Agent Error: Network error trying to reach the agent: connect ECONNREFUSED "
        + "127.0.0.1:8126"),
    LogPattern(
      "nodejs.http_error", ["HTTP error from agent"], "dd-trace for Node could not deliver traces, and they are lost",
      hidesError: true, example: "Error: HTTP error from agent: Error: connect ECONNREFUSED ::1:8126"),
    LogPattern(
      "nodejs.error_from_agent", ["Error from the agent"],
      "dd-trace for Node got an answer from the agent that was not the one it wanted", hidesError: true,
      example: "Error: Error from the agent: 413 Payload Too Large"),
    LogPattern(
      "nodejs.payload", ["Error sending payload to the agent"],
      "dd-trace for Node could not deliver a payload", hidesError: true,
      example: "Error: Error sending payload to the agent (status code: undefined)"),
    LogPattern(
      "nodejs.connect", ["connect E", ":8126"], "a Node program could not connect to the agent's port",
      hidesError: true, isAnybodys: true, example: "Error: connect ECONNREFUSED ::1:8126"),
    LogPattern(
      "nodejs.cannot_put", ["cannot PUT /v0."], "a JavaScript tracer of 2017 got a refusal for its payload",
      example: "cannot PUT /v0.3/traces (400)"),
  ]

  static let php: [LogPattern] = [
    LogPattern(
      "php.reporting", ["Reporting of spans failed: "], "ddtrace for PHP could not deliver traces, and they are lost",
      hidesError: true, example: "Reporting of spans failed: 7 / Failed to connect to 127.0.0.1: Permission denied"),
    LogPattern(
      "php.sidecar", ["to the sidecar"],
      "ddtrace for PHP could not reach its own helper process, which it starts beside the web server; the agent is not "
        + "yet concerned", isAside: true,
      example: "[ddtrace] [error] Failed connecting to the sidecar: Connection refused (os error 111)"),
    LogPattern(
      "php.agent_error", ["agent_error => "], "ddtrace for PHP tried the agent and did not reach it", hidesError: true,
      example: "agent_error => Failed to connect to localhost port 8126: Connection refused"),
  ]

  static let cpp: [LogPattern] = [
    LogPattern(
      "cpp.sending", ["Error sending traces to agent: "],
      "the C++ tracer (as in nginx) could not deliver traces; the next line tells the address", hidesError: true,
      example: "Error sending traces to agent: Couldn't connect to server"),
    LogPattern(
      "cpp.submitting", ["Error occurred during HTTP request for "],
      "the C++ tracer (as in nginx) could not deliver what it names; a socket shows as \"localhost port 80\" here",
      hidesError: true,
      example:
        "nginx-datadog: [error code 4] Error occurred during HTTP request for submitting traces to the Datadog Agent: "
        + "Error sending request with libcurl (Couldn't connect to server): Failed to connect to localhost port 8126 "
        + "after 0 ms: Couldn't connect to server"),
    LogPattern(
      "cpp.unexpected_status", ["Unexpected Datadog Agent response status"],
      "the C++ tracer got an answer that was not the one it wanted",
      example: "Unexpected Datadog Agent response status 413 with body (if any, starts on next line):"),
  ]

  /// Lines that name the agent and that several languages write alike.
  static let any: [LogPattern] = [
    LogPattern(
      "any.curl", ["Failed to connect to ", " port 8126"], "libcurl, as PHP and C++ tracers use it, could not connect",
      hidesError: true, isAnybodys: true, example: "Failed to connect to localhost port 8126: Connection refused"),
    LogPattern(
      "any.read_limit", ["payload: read limit reached"], "an agent refused a payload that was larger than its limit",
      example: "Cannot decode v0.4 traces payload: read limit reached"),
    LogPattern(
      "any.cannot_decode", ["annot decode v", "payload: "], "an agent could not read a payload",
      example: "cannot decode v0.3 traces payload: msgp: attempted to decode type \"nil\" with method for \"str\""),
    LogPattern(
      "any.diagnostic", ["DATADOG", "DIAGNOSTIC", "Agent Error: "],
      "a tracer tried the agent when the app started and did not reach it", hidesError: true,
      example: "DATADOG TRACER DIAGNOSTIC - Agent Error: Timeout was reached"),
    LogPattern(
      "python.pool", ["ConnectionPool(host=", "port=8126"],
      "a Python program (through urllib3) could not connect to the agent's port", hidesError: true, isAnybodys: true,
      example:
        "HTTPConnectionPool(host='localhost', port=8126): Max retries exceeded with url: /v0.4/traces (Caused by "
        + "NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused'))"),
    LogPattern(
      "any.port", [":8126", "onnection refused"], "a program was refused at the agent's port",
      isAnybodys: true,
      example: "dial tcp 127.0.0.1:8126: connect: connection refused"),
    LogPattern(
      "any.wrong_version", [":8126", "WRONG_VERSION_NUMBER"], "a program spoke TLS to the agent's plain port",
      errorName: "WRONG_VERSION_NUMBER", isAnybodys: true,
      example:
        "write EPROTO 140:error:1408F10B:SSL routines:ssl3_get_record:WRONG_VERSION_NUMBER https://localhost:8126"),
  ]
}
