extension Explanation {
  static let rst044 = Explanation(
    id: "RST044", name: "The tracer's rate limiter drops traces",
    signs: [
      "_dd.limit_psr is below 1",
      "at most 100 traces a second and process",
      "DD_TRACE_RATE_LIMIT is set",
    ],
    text: """
      As soon as a sampling rate or rule is set, tracers also limit how many traces a second one process keeps: 100 when \
      DD_TRACE_RATE_LIMIT says nothing else. What is above is marked to be dropped, whatever the rule says. The share \
      that the limiter let pass stands on the spans as _dd.limit_psr. Raise the limit, or lower the rate so that the \
      choice is made by the rule and not by the second.
      """)
}
