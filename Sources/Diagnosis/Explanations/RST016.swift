extension Explanation {
  static let rst016 = Explanation(
    id: "RST016", name: "Another product answers at the agent's address",
    lines: [
      "unsupported endpoint '/v0.5/traces': received response 404 from intake (http://localhost:8126)",
      "failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces: Error code: 403 "
        + "Forbidden, Response: <html>",
    ],
    signs: [
      "address already in use, when an agent is started",
      "a web page is the agent's answer",
    ],
    text: """
      What answers is not an agent that roost knows the tracer's traces to be at home in: a test agent, an \
      OpenTelemetry collector, a proxy, or a web server. Test agents and collectors take some of the tracers' \
      formats; which they list at /info is compared with those that tracers send.

      Point the tracer at roost, or give roost the port.
      """)
}
