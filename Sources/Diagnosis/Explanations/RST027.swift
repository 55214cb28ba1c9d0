extension Explanation {
  static let rst027 = Explanation(
    id: "RST027", name: "Two settings name different agents",
    lines: [
      "DATADOG TRACER CONFIGURATION "
        + "{\"agent_url\":\"http://agent:8126\",\"agent_unix_domain_socket\":\"/run/apm.socket\"}"
    ],
    signs: [
      "DD_TRACE_AGENT_URL and DD_AGENT_HOST are both set",
      "traces of one service go to another agent",
    ],
    text: """
      A tracer can be told where its agent is in two ways: the whole address in DD_TRACE_AGENT_URL, or its parts in \
      DD_AGENT_HOST and DD_TRACE_AGENT_PORT. When both are set and disagree, most tracers take DD_TRACE_AGENT_URL and \
      ignore the rest. Some do not: releases of the Java tracer take the socket of the one and the host of the other, \
      and releases of the Ruby tracer lose the port. Profiles and metrics may also follow the other setting than traces \
      do. Decide for one and remove the other; the address that counts is the one in the tracer's startup line, \
      `DATADOG TRACER CONFIGURATION`, under agent_url.
      """)
}
