extension Explanation {
  static let rst025 = Explanation(
    id: "RST025", name: "The socket is not there for the app, or it is an old one",
    lines: [
      "connect ENOENT /var/run/datadog/apm.socket",
      "Failed to send traces to Datadog Agent at unix:///var/run/datadog/apm.socket: [Errno 2] No such file or "
        + "directory",
      "dial unix /var/run/datadog/apm.socket: connect: no such file or directory",
    ],
    text: """
      A container sees only what is mounted into it. If the socket's file was mounted itself, the container keeps \
      the file that existed then: an agent that starts anew makes a new file, and the app goes on calling the old \
      one.

      Mount the folder that holds the socket, not the file.
      """)
}
