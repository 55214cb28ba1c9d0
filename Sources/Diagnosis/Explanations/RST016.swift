extension Explanation {
  static let rst016 = Explanation(
    id: "RST016", name: "Another product answers at the agent's address",
    symptoms: [
      "address already in use", "404 page not found from the agent", "unsupported endpoint",
      "<html> in the agent's answer",
      "403 Forbidden from the agent",
    ],
    text: """
      What answers is not an agent that roost knows the tracer's traces to be at home in: a test agent, an \
      OpenTelemetry collector, a proxy, or a web server. Test agents and collectors take some of the tracers' \
      formats; which they list at /info is compared with those that tracers send.

      Point the tracer at roost, or give roost the port.
      """)
}
