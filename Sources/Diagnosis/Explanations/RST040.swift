extension Explanation {
  static let rst040 = Explanation(
    id: "RST040", name: "The agent is at its limit and refuses payloads",
    lines: [
      "failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces: Error code: 429 Too "
        + "Many Requests",
      "failed to send traces to intake at http://localhost:8126/v0.5/traces: HTTP error status 429",
    ],
    signs: [
      "memory_limit in roost info"
    ],
    text: """
      roost works within a limit of memory. When it is reached, payloads are answered with 429 instead of being taken \
      and dropped in silence: tracers that know this answer try again, older ones lose the payload. Either more comes \
      than the machine can pass on, or the intake is slow and the queue is full. Raise the limit, or sample in the \
      tracers.
      """)
}
