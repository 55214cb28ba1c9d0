extension Explanation {
  static let rst059 = Explanation(
    id: "RST059", name: "A tracer's own statistics do not come",
    signs: [
      "missing_statistics", "Datadog-Client-Computed-Stats",
      "hits in roost services, and none in Datadog",
    ],
    text: """
      A tracer that computes its statistics itself marks its traces with Datadog-Client-Computed-Stats and sends the \
      statistics to /v0.6/stats, every ten seconds. roost then takes hits from there and not from the traces, so that \
      nothing counts twice. This tracer marked its traces, and for a minute none of its statistics came. roost shows the \
      hits of these traces all the same, but does not send them on: as with Datadog's own agent, an intake gets no \
      statistics of them.

      A proxy or a firewall may hold back the path /v0.6/stats, the tracer may send its statistics elsewhere, or tracing \
      may be turned off (DD_APM_TRACING_ENABLED=false), which tracers tell agents in this way: then nothing is wrong. With \
      DD_TRACE_STATS_COMPUTATION_ENABLED=false a tracer leaves the counting to the agent.
      """)
}
