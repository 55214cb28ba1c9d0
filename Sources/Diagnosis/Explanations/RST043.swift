extension Explanation {
  static let rst043 = Explanation(
    id: "RST043", name: "Tracers mark traces as not to be kept",
    signs: [
      "fewer traces in Datadog than requests",
      "DD_TRACE_SAMPLE_RATE is set",
      "sampling priority -1",
      "_dd.p.dm is -3",
    ],
    text: """
      A tracer decides for each trace whether it is to be kept, and says so in its sampling priority: 0 and below is to \
      be dropped. The decision maker (_dd.p.dm) tells whose decision it was: -1 rates that an agent asked for, -3 rules \
      of the app's own settings, -4 the app's code, -8 and below rules from elsewhere. roost shows all traces that arrive \
      and counts them in its statistics, whatever their priority; an intake would get only those to be kept. A tracer \
      that computes its statistics itself (DD_TRACE_STATS_COMPUTATION_ENABLED) sends no traces that are to be dropped: they \
      are in the statistics that it sends, and so in the tables, but none of them can be looked at.

      DD_TRACE_SAMPLE_RATE is read by ddtrace (Python) before 3.0, which calls it deprecated; 3 and later read \
      DD_TRACE_SAMPLING_RULES only. Tried with 0.38, 0.50, 1.20, 2.21, 3.19 and 4.16.
      """)
}
