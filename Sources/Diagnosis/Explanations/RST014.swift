extension Explanation {
  static let rst014 = Explanation(
    id: "RST014", name: "The port is taken by a foreign program",
    symptoms: [
      "address already in use", "bind: address already in use 127.0.0.1:8126", "EADDRINUSE",
      "404 Not Found for every traces path", "501 Not Implemented", "Unsupported method ('PUT')",
    ],
    text: """
      A program that is no trace agent listens where the traces are sent. An agent cannot be started on the same \
      port, and tracers get answers that make no sense to them: 404, 501, a page of HTML, or a closed connection.

      Stop that program, or use another port for traces and tell the tracers so. `roost run -- CMD` picks a free \
      port and tells the app by itself.
      """)
}
