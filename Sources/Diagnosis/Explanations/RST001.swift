extension Explanation {
  static let rst001 = Explanation(
    id: "RST001", name: "Nothing listens on the port",
    lines: [
      "[Errno 111] Connection refused",
      "[Errno 61] Connection refused",
      "connect ECONNREFUSED 127.0.0.1:8126",
      "dial tcp 127.0.0.1:8126: connect: connection refused",
      "Failed to open TCP connection to localhost:8126 (Connection refused - connect(2) for \"localhost\" port 8126)",
      "Failed to connect to localhost port 8126: Connection refused",
      "java.net.ConnectException: Connection refused",
    ],
    text: """
      The operating system answered the tracer at once: no program listens on that address and port. Linux calls \
      this error 111, macOS 61. It is not a time-out and not a firewall that swallows packets: those make the \
      tracer wait.

      Usually no agent was started, or it stopped. Tracers keep trying, so an app that prints this once while \
      everything starts together and then falls silent is fine; one that prints it every few seconds loses its \
      traces.

      Start an agent with `roost serve`, or let `roost run -- CMD` start one for the time that the app runs. When \
      an agent does run, compare its address with the one that the tracer uses: `roost` alone prints the first, \
      `roost doctor --pid PID` the second.
      """)
}
