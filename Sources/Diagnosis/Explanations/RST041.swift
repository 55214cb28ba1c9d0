extension Explanation {
  static let rst041 = Explanation(
    id: "RST041", name: "Connections to the agent pile up",
    lines: [
      "cannot send spans to localhost:8126: [Errno 24] Too many open files",
      "lost 1 traces: Post \"http://localhost:8126/v0.4/traces\": dial tcp 127.0.0.1:8126: socket: too many open files",
      "connect EMFILE 127.0.0.1:8126 - Local (undefined:undefined)",
    ],
    signs: [
      "many CLOSE_WAIT on port 8126"
    ],
    text: """
      A tracer keeps one connection to the agent and uses it again. When the app's process holds many, it opens a new \
      one for each flush and does not close the old: CLOSE_WAIT means that the agent has closed its side and the app has \
      not. In time the process runs out of file descriptors and fails at things that have nothing to do with traces. \
      Old releases of some tracers do this, and tracers that the app creates again for each request.
      """)
}
