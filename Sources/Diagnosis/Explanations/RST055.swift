extension Explanation {
  static let rst055 = Explanation(
    id: "RST055", name: "Traces are lost on the way to the intake",
    signs: [
      "gave up 10 payloads: the queue is full", "queue_full", "retries_exhausted", "too_old",
      "traces in roost services and not in Datadog",
    ],
    text: """
      These traces arrived and were kept by sampling, and did not reach the intake. What waits is bounded: past \
      `trace_writer.queue_max_bytes` the oldest payload is given up, and so is one that is older than a quarter of an \
      hour or has used up its retries. Either the intake was away, or it takes less than comes. The tables of roost \
      are complete all the same: everything is counted before it is sent.

      `roost info` names every reason with its counts, and docs/accounting.md what to do about each.
      """)
}
