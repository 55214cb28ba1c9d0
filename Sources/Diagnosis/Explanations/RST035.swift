extension Explanation {
  static let rst035 = Explanation(
    id: "RST035", name: "A proxy captures what is meant for the agent",
    lines: [
      "failed_to_send traces to Agent: HTTP error status 403, reason Forbidden",
      "failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces: Error code: 403 "
        + "Forbidden, Response: <html>",
      "failed to send traces to intake at http://agent:8126/v0.5/traces: HTTP error status 407",
      "failed to send traces to intake at http://agent:8126/v0.5/traces: HTTP error status 502",
    ],
    signs: [
      "a proxy's name, such as squid, in an answer",
      "HTTP_PROXY is set",
    ],
    text: """
      HTTP_PROXY sends requests to a proxy first, and some tracers obey it for the agent too: those for .NET and Go, \
      curl's users PHP and C++ for the lower-case http_proxy, and ddtrace for Python from 4.0 on, which asks the proxy \
      even for 127.0.0.1. From the proxy, 127.0.0.1 is another machine, or it forbids the port: the tracer then logs \
      403, 407 or 502, or only `client error (Connect)`. Name the agent's host in NO_PROXY; names and addresses are \
      compared as they are written, so that localhost and 127.0.0.1 are two entries. A trace agent itself never \
      answers 403 or 407.
      """)
}
