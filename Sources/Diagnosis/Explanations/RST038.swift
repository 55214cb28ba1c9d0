extension Explanation {
  static let rst038 = Explanation(
    id: "RST038", name: "A payload is larger than the limit",
    lines: [
      "Error: Error from the agent: 413 Payload Too Large",
      "Cannot decode v0.4 traces payload: read limit reached",
      "trace (9437184b) larger than payload buffer item limit (8388608b), dropping",
      "Trace is too big to fit in a payload, dropping it",
    ],
    signs: [
      "payload-too-large in an answer"
    ],
    text: """
      A tracer sends whole traces, so that one trace with very many spans (a nightly job, a loop of queries under one \
      root) makes one very large payload. The agent refuses what is above its limit without reading it. Let the tracer \
      send finished parts of open traces (partial flushing), give the job's steps traces of their own, or raise the \
      agent's limit; the memory of app and agent grows with it.
      """)
}
