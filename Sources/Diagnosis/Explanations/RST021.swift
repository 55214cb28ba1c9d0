extension Explanation {
  static let rst021 = Explanation(
    id: "RST021", name: "A unix socket takes the traces before port 8126",
    signs: [
      "no error at all, but roost services stays empty",
      "traces go to another agent",
      "unix:///var/run/datadog/apm.socket is used although nothing is configured",
    ],
    text: """
      Tracers of today look for /var/run/datadog/apm.socket when no address is set, and prefer it to port 8126. If \
      another program owns that socket it gets all traces, and the agent on the port gets none. The app sees no \
      error.

      Set DD_TRACE_AGENT_URL, which goes before the socket; or stop the owner and let roost have the socket.
      """)
}
