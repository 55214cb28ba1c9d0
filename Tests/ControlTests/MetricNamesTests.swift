import Testing

@testable import Control

/// The metrics that Datadog's trace-agent sends of itself, and what roost does with each name.
@Suite struct `Metrics of Datadog's trace-agent` {
  /// Its name without `datadog.trace_agent.`, and why roost does not send it; `nil` where it does.
  private static let names: [(name: String, absence: String?)] =
    [
      ("heartbeat", nil), ("started", nil), ("panic", "a fault ends roost, and its supervisor says so"),
      ("heap_alloc", nil), ("cpu_percent", nil),
    ] + receiver + stages + writers + products

  private static let noTimes =
    "it is a distribution of times, and roost sends sums and states; cpu_percent says what all of it takes"
  private static let noQueue = "there is no queue between receiving and processing: a thread takes a request to its end"

  private static let receiver: [(String, String?)] = [
    ("receiver.trace", "the older name of receiver.traces_received"), ("receiver.traces_received", nil),
    ("receiver.traces_filtered", nil), ("receiver.traces_bytes", nil), ("receiver.spans_received", nil),
    ("receiver.traces_priority", "sampler.dropped and sampler.kept say what came of priorities"),
    ("receiver.spans_dropped", nil), ("receiver.spans_filtered", nil), ("receiver.payload_accepted", nil),
    ("receiver.payload_refused", nil), ("receiver.client_dropped_p0_traces", nil),
    ("receiver.client_dropped_p0_spans", nil),
    ("receiver.events_extracted", "events are spans that are sent on alone, and count with these"),
    ("receiver.events_sampled", "events are spans that are sent on alone, and count with these"),
    ("receiver.error", "receiver.payload_refused has the reason"),
    ("receiver.oom_kill", "past its limit roost refuses payloads and does not end"),
    ("receiver.out_chan_fill", noQueue),
    ("receiver.serve_traces_ms", noTimes),
    ("receiver.rate_response_bytes", "the rates are the same for all clients, and sampler.size says how many they are"),
    ("receiver.stats_payload", nil), ("receiver.stats_bytes", nil),
    ("receiver.stats_buckets", "clients' groups go into the agent's buckets, which stats_writer.stats_buckets counts"),
    ("receiver.stats_payload_rejected", "receiver.payload_refused has the reason"),
    ("receiver.stats_process_ms", noTimes), ("receiver.config_request", nil), ("receiver.config_process_ms", noTimes),
    ("receiver.tcp_connections", "receiver.connections counts those of all kinds"),
    ("receiver.uds_connections", "receiver.connections counts those of all kinds"),
  ]

  private static let noBudget = "events beyond max_events_per_second go with their traces, which sampling counts"

  private static let stages: [(String, String?)] = [
    ("normalizer.traces_dropped", nil), ("normalizer.spans_malformed", nil),
    ("internal.process_payload_ms", noTimes), ("internal.process_payload_v1_ms", noTimes), ("sampler.kept", nil),
    ("sampler.seen", nil), ("sampler.size", nil), ("sampler.rare.hits", nil), ("sampler.rare.misses", nil),
    ("sampler.rare.shrinks", nil), ("events.max_eps.max_rate", noBudget), ("events.max_eps.current_rate", noBudget),
    ("events.max_eps.sample_rate", noBudget), ("events.max_eps.reached_max", noBudget),
    ("obfuscation.sql_cache.hits", "the cache belongs to a thread and counts nothing for each statement"),
    ("obfuscation.sql_cache.misses", "the cache belongs to a thread and counts nothing for each statement"),
  ]

  private static let noFill = "queued_bytes of the trace_writer says how much waits, and what of it is lost is counted"

  private static let noEncoding = "traces are encoded and compressed as they come, in the time of their requests"

  private static let writers: [(String, String?)] = [
    ("trace_writer.payloads", nil), ("trace_writer.bytes", nil), ("trace_writer.bytes_uncompressed", nil),
    ("trace_writer.retries", nil), ("trace_writer.errors", nil), ("trace_writer.traces", nil),
    ("trace_writer.events", "events are among trace_writer.spans"), ("trace_writer.spans", nil),
    ("trace_writer.dropped", nil), ("trace_writer.dropped_bytes", nil),
    ("trace_writer.encode_ms", noEncoding), ("trace_writer.flush_duration", noTimes),
    ("trace_writer.connection_fill", noFill), ("trace_writer.queue_fill", noFill), ("stats_writer.payloads", nil),
    ("stats_writer.stats_buckets", nil), ("stats_writer.bytes", nil), ("stats_writer.retries", nil),
    ("stats_writer.splits", "a payload in parts counts as several in stats_writer.payloads"),
    ("stats_writer.errors", nil), ("stats_writer.encode_ms", noTimes), ("stats_writer.flush_duration", noTimes),
    ("stats_writer.dropped", nil), ("stats_writer.dropped_bytes", nil),
    ("stats_writer.connection_fill", noFill), ("stats_writer.queue_fill", noFill),
    ("stats_writer.client_payloads", "receiver.stats_payload says how many came"),
    ("sender.push_blocked", "nothing waits for the sender: past its bound the oldest gives way, and is counted"),
  ]

  private static let products: [(String, String?)] = [
    ("otlp.payload", nil), ("otlp.spans", nil), ("otlp.traces", nil), ("otlp.process_grpc_request_ms", noTimes),
    ("evp_proxy.request", nil), ("evp_proxy.request_bytes", nil), ("evp_proxy.request_error", nil),
    ("evp_proxy.request_duration_ms", noTimes), ("debugger", nil), ("profile", nil),
  ]

  @Test func `are sent under their names, or there is a reason why not`() {
    let sent = Set(AgentMetric.all.map(\.name) + ["started"])
    for (name, absence) in Self.names {
      #expect(sent.contains(name) == (absence == nil), "\(name)")
      #expect(absence?.isEmpty != true, "\(name)")
    }
    #expect(Set(Self.names.map(\.name)).count == Self.names.count)
  }

  @Test func `stand beside those of roost's own, of which no name is another one's`() {
    let others = AgentMetric.all.map(\.name).filter { name in !Self.names.contains { $0.name == name } }
    #expect(
      others == [
        "uptime", "receiver.connections", "sampler.dropped", "trace_writer.dropped_spans", "trace_writer.queued_spans",
        "trace_writer.queued_bytes", "openlineage", "product.requests", "product.request_bytes", "product.forwarded",
        "product.discarded", "product.refused", "product.dropped",
      ])
    #expect(Set(AgentMetric.all.map(\.name)).count == AgentMetric.all.count)
  }
}
