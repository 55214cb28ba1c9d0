extension Explanation {
  static let rst053 = Explanation(
    id: "RST053", name: "The intake answers with an error, and roost sends again",
    signs: [
      "HTTP 429", "HTTP 500", "HTTP 502", "HTTP 503", "attempts in a row to send traces failed", "Retry-After",
    ],
    text: """
      408, 429 and 5xx say that the intake, or a proxy before it, cannot take payloads at the moment. roost sends them \
      again, less and less often, and later if the answer asks for that with Retry-After. A few of these answers are \
      nothing: they are repaired by the next attempt. When they last, payloads wait in memory until they no longer \
      fit, and the oldest are given up and counted.

      A 502, 503 or 504 often comes from a proxy whose own target is away. 429 asks for less: lower the rate of \
      sampling, or ask whoever runs the intake for a higher limit.
      """)
}
