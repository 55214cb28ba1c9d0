extension LogPattern {
  static let java: [LogPattern] = [
    LogPattern(
      "java.sending", ["Error while sending ", "traces to the DD agent"],
      "dd-java-agent could not deliver traces, and they are lost; it then says nothing for five minutes",
      lostAfter: ["Error while sending "], hidesError: true,
      example:
        "WARN datadog.trace.agent.common.writer.ddagent.DDAgentApi - Error while sending 9 (size=5KB) traces to the DD "
        + "agent. Total: 9, Received: 9, Sent: 0, Failed: 9. java.net.ConnectException: Failed to connect to "
        + "localhost/127.0.0.1:8126 (Will not log errors for 5 minutes)"),
    LogPattern(
      "java.querying_info", ["Error querying info at "],
      "dd-java-agent asked the agent what it can do and got no answer", hidesError: true,
      example: "DDAgentFeaturesDiscovery - Error querying info at http://localhost:8126/"),
    LogPattern(
      "java.profile", ["Failed to upload profile"],
      "dd-java-agent could not deliver a profile; traces go another way, and this loses none of them",
      isAside: true,
      example: "Failed to upload profile to http://localhost:8126/profiling/v1/input"),
    LogPattern(
      "java.statsd", ["IOException in StatsD client"],
      "dd-java-agent could not deliver metrics; traces go another way, and this loses none of them", isAside: true,
      example: "IOException in StatsD client - /var/run/datadog/dsd.socket java.io.IOException: Connection refused"),
  ]

  static let go: [LogPattern] = [
    LogPattern(
      "go.lost_traces", ["lost ", " traces: "],
      "dd-trace-go could not deliver traces, and they are lost", lostAfter: ["lost "], hidesError: true,
      example:
        "Datadog Tracer v1.32.0 ERROR: lost 1 traces: Post http://localhost:8126/v0.4/traces: dial tcp 127.0.0.1:8126: "
        + "connect: connection refused (occurred: 17 Aug 21 17:46 UTC)"),
    LogPattern(
      "go.unreachable", ["Unable to reach agent intake"],
      "dd-trace-go tried the agent when the app started and did not reach it", hidesError: true,
      example:
        "Datadog Tracer v1.55.0 WARN: DIAGNOSTICS Unable to reach agent intake: Post \"http://agent:8126/v0.4/traces\": "
        + "dial tcp 172.24.0.3:8126: connect: connection refused"),
    LogPattern(
      "go.cannot_flush", ["cannot flush traces"], "dd-trace-go (of 2017) could not deliver its traces",
      hidesError: true,
      example:
        "cannot flush traces: Post http://localhost:7777/v0.3/traces: dial tcp [::1]:7777: getsockopt: "
        + "connection refused"),
    LogPattern(
      "go.unable_to_flush", ["unable to flush traces"],
      "dd-trace-go (before 1.0) gave up traces that it could not send",
      lostAfter: ["lost "], example: "Datadog Tracer Error: unable to flush traces, lost 500 traces"),
    LogPattern(
      "go.error", ["Datadog Tracer Error: ", "Post "], "dd-trace-go (before 1.0) could not deliver its traces",
      hidesError: true,
      example:
        "Datadog Tracer Error: Post http://dd-agent.kube-system:8126/v0.3/traces: net/http: request canceled while "
        + "waiting for connection (Client.Timeout exceeded while awaiting headers)"),
  ]

  static let ruby: [LogPattern] = [
    LogPattern(
      "ruby.request", ["Internal error during ", "request. Cause: "],
      "ddtrace for Ruby could not deliver traces, and they are lost", hidesError: true,
      example:
        "ERROR -- ddtrace: [ddtrace] Internal error during HTTP transport request. Cause: Failed to open TCP connection "
        + "to 127.0.0.1:8126 (Connection refused - connect(2) for \"127.0.0.1\" port 8126) Location: net/http.rb:960"),
    LogPattern(
      "ruby.agent_error", ["Agent Error: ", "InternalErrorResponse"],
      "ddtrace for Ruby tried the agent when the app started and did not reach it", hidesError: true,
      example:
        "WARN -- ddtrace: [ddtrace] DATADOG DIAGNOSTIC - Agent Error: Datadog::Transport::InternalErrorResponse "
        + "internal_error?:true, payload:, error_type:Errno::ECONNREFUSED error:Failed to open TCP connection to "
        + "127.0.0.1:8126 (Connection refused - connect(2) for \"127.0.0.1\" port 8126)"),
    LogPattern(
      "ruby.invalid_url", ["Invalid URI scheme ", "DD_TRACE_AGENT_URL"],
      "ddtrace for Ruby (before 1.1) does not know this kind of address and ignores DD_TRACE_AGENT_URL",
      example:
        "WARN -- ddtrace: [ddtrace] Invalid URI scheme 'unix' for DD_TRACE_AGENT_URL environment variable "
        + "('unix:///var/run/datadog/apm.socket'). Ignoring the contents of DD_TRACE_AGENT_URL."),
    LogPattern(
      "ruby.open", ["Failed to open TCP connection to "], "a Ruby program could not connect", hidesError: true,
      isAnybodys: true,
      example:
        "Failed to open TCP connection to localhost:8126 (Connection refused - connect(2) for \"localhost\" port 8126)"),
  ]

  static let dotnet: [LogPattern] = [
    LogPattern(
      "dotnet.sending", ["An error occurred while sending ", " to the agent"],
      "the .NET tracer could not deliver traces, and they are lost", lostAfter: ["while sending "], hidesError: true,
      example: "[ERR] An error occurred while sending 1 traces to the agent at http://127.0.0.1:8126/v0.4/traces"),
    LogPattern(
      "dotnet.sending_old", ["An error occured while sending traces to the agent"],
      "the .NET tracer (before 1.0) could not deliver traces, and they are lost", hidesError: true,
      example: "[Error] An error occured while sending traces to the agent at http://localhost:8126/v0.3/traces"),
    LogPattern(
      "dotnet.failed_to_send", ["Failed to submit ", " traces"],
      "the .NET tracer could not deliver traces, and they are lost", lostAfter: ["Failed to submit "],
      example: "[WRN] Failed to submit 12 traces. Agent responded with: 413"),
  ]
}
