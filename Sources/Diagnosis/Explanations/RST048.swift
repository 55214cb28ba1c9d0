extension Explanation {
  static let rst048 = Explanation(
    id: "RST048", name: "Traces are dropped or faulty because their ids make no sense",
    signs: [
      "trace_id_zero", "span_id_zero", "foreign_span", "empty_trace", "parent_cycle",
    ],
    text: """
      The payload could be read, and some of its traces cannot be used: a span has no trace id or no span id, or spans \
      of several traces came as one. They are neither counted nor forwarded, and the client is not told: it got 200, as \
      Datadog's trace-agent answers too. The likely cause is code that sets ids by hand, a tracer with a fault, or a \
      program between app and agent that regroups payloads. A trace without spans loses nothing.

      A span that names itself as its parent, or several whose parents lead in a circle (`parent_cycle`), are forwarded \
      with their trace. But none of them is where a trace enters a service, unless its parent is of another one or the \
      tracer has marked it so. Tables and statistics lack the others.

      `roost info -v` counts them by reason.
      """)
}
