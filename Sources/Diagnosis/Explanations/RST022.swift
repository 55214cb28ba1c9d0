extension Explanation {
  static let rst022 = Explanation(
    id: "RST022", name: "The socket file is left over: nobody listens",
    lines: [
      "connect ECONNREFUSED /var/run/datadog/apm.socket",
      "dial unix /var/run/datadog/apm.socket: connect: connection refused",
      "Failed to send traces to Datadog Agent at unix:///var/run/datadog/apm.socket: [Errno 111] Connection refused",
    ],
    text: """
      The file of a unix socket stays when its program is killed. Connecting to it is refused, and tracers that \
      find the file still prefer it to port 8126.

      Remove the file, or start an agent that owns it: roost replaces a file that nobody listens on.
      """)
}
