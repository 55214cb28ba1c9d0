extension Explanation {
  static let rst014 = Explanation(
    id: "RST014", name: "The port is taken by a foreign program",
    lines: [
      "unsupported endpoint '/v0.5/traces': received response 404 from intake (http://localhost:8126)",
      "failed_to_send traces to Agent: HTTP error status 501, reason Unsupported method ('PUT')",
    ],
    signs: [
      "address already in use (EADDRINUSE), when an agent is started",
      "404 Not Found for every path that ends in /traces",
    ],
    text: """
      A program that is no trace agent listens where the traces are sent. An agent cannot be started on the same \
      port, and tracers get answers that make no sense to them: 404, 501, a page of HTML, or a closed connection.

      Stop that program, or use another port for traces and tell the tracers so. `roost run -- CMD` picks a free \
      port and tells the app by itself.
      """)
}
