extension Explanation {
  static let rst046 = Explanation(
    id: "RST046", name: "Traces arrive without their root",
    signs: [
      "the root span is missing",
      "a trace begins in the middle",
      "the parent span is not found",
    ],
    text: """
      Spans name a parent that never arrived. Usually the request came from a program that is traced by somebody else or \
      not at all (a browser, a gateway, a service that sends to another agent) and passed its trace id on; or the root \
      is still open, as in a job that runs for hours. The spans are shown and counted all the same. Send all services of \
      one request to the same agent to see it whole.
      """)
}
