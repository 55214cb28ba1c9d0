extension Explanation {
  static let rst040 = Explanation(
    id: "RST040", name: "The agent is at its limit and refuses payloads",
    symptoms: ["429 Too Many Requests", "HTTP error status 429", "memory_limit", "accept: Too many open files"],
    text: """
      roost works within a limit of memory. When it is reached, payloads are answered with 429 instead of being taken \
      and dropped in silence: tracers that know this answer try again, older ones lose the payload. Either more comes \
      than the machine can pass on, or the intake is slow and the queue is full. Raise the limit, or sample in the \
      tracers.
      """)
}
