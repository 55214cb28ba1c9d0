extension Explanation {
  static let rst039 = Explanation(
    id: "RST039", name: "Fewer traces arrive than the tracer announced",
    signs: [
      "X-Datadog-Trace-Count does not match"
    ],
    text: """
      Tracers announce in X-Datadog-Trace-Count how many traces a payload holds, and the payload held another number. \
      Something on the way cut or rewrote it, or the tracer counts wrongly, which some third-party clients do. When \
      fewer arrive than were announced, the difference is lost.
      """)
}
