import Testing

@testable import Control

@Suite struct `The agent's own metrics` {
  private static func answer(traces: UInt64 = 3) -> InfoAnswer {
    var answer = InfoAnswer(version: "1.2.3", commit: "", pid: 1, startedNs: 0, nowNs: 5_000_000_000, hostname: "box")
    answer.memory.rssBytes = 4096
    answer.clients = ["v0.4", "v0.4", "v0.6/stats"].map {
      ClientRow(
        language: "python", languageVersion: "3.13", interpreter: "", tracerVersion: "4|16,\"x\"\n", endpoint: $0,
        received: TrafficCounts(payloads: 1, bytes: 100, traces: traces, spans: 2 * traces), lastSeenNs: 0)
    }
    answer.dropped = [
      "sampling_auto_drop": LossCounts(traces: 2, spans: 4), "trace_id_zero": LossCounts(traces: 1, spans: 5),
      "filter_tags_reject": LossCounts(traces: 7, spans: 8),
    ]
    answer.kept = TraceCounts(traces: 5, spans: 9)
    var events = ProductRow(product: "event_platform")
    events.received = RequestCounts(requests: 9, bytes: 900)
    events.forwarded = RequestCounts(requests: 6, bytes: 600)
    events.refused = ["403": RequestCounts(requests: 1, bytes: 100)]
    events.dropped = ["intake_timeout": RequestCounts(requests: 2, bytes: 200)]
    var remote = ProductRow(product: "remote_configuration")
    (remote.received.requests, remote.answered.requests) = (4, 4)
    answer.products = [events, remote]
    answer.lost = [
      "stats_too_old": LossCounts(payloads: 1, bytes: 15),
      "too_old": LossCounts(payloads: 2, bytes: 16, traces: 3, spans: 4),
      "intake_rejected_400": LossCounts(payloads: 7), "stats_intake_rejected_413": LossCounts(payloads: 8),
    ]
    answer.clients.append(
      ClientRow(
        language: "", languageVersion: "", interpreter: "", tracerVersion: "", endpoint: "otlp",
        received: TrafficCounts(payloads: 11, bytes: 12, traces: 13, spans: 14), lastSeenNs: 0))
    answer.sent.traceBytesUncompressed = 1_000
    answer.cpuPercent = 42
    return answer
  }

  @Test func `are lines of Prometheus, each metric with help, type and unit`() {
    let text = PrometheusText.text(Self.answer())
    for line in [
      "# HELP datadog_trace_agent_heap_alloc_bytes Resident memory of the agent.",
      "# TYPE datadog_trace_agent_heap_alloc_bytes gauge", "datadog_trace_agent_heap_alloc_bytes 4096",
      "datadog_trace_agent_uptime_seconds 5", "# TYPE datadog_trace_agent_receiver_traces_received_total counter",
      #"datadog_trace_agent_receiver_traces_received_total{lang="python",lang_version="3.13",tracer_version="4|16,\"x\"\n",endpoint_version="v0.4"} 6"#,
      #"datadog_trace_agent_receiver_spans_filtered_total{reason="filter_tags_reject"} 8"#,
      #"datadog_trace_agent_receiver_spans_dropped_total{reason="trace_id_zero"} 5"#,
      #"datadog_trace_agent_receiver_stats_payload_total{lang="python",lang_version="3.13",tracer_version="4|16,\"x\"\n",endpoint_version="v0.6/stats"} 1"#,
      #"datadog_trace_agent_otlp_payload_total{endpoint_version="otlp"} 11"#,
      #"datadog_trace_agent_otlp_spans_total{endpoint_version="otlp"} 14"#, "datadog_trace_agent_cpu_percent 42",
      "datadog_trace_agent_trace_writer_bytes_uncompressed_total 1000",
      #"datadog_trace_agent_trace_writer_errors_total{reason="intake_rejected_400"} 7"#,
      #"datadog_trace_agent_stats_writer_errors_total{reason="stats_intake_rejected_413"} 8"#,
      "datadog_trace_agent_sampler_seen_total 7", "datadog_trace_agent_sampler_kept_total 5",
      #"datadog_trace_agent_trace_writer_dropped_spans_total{reason="too_old"} 4"#,
      #"datadog_trace_agent_stats_writer_dropped_total{reason="stats_too_old"} 1"#,
      #"datadog_trace_agent_trace_writer_dropped_bytes_total{reason="too_old"} 16"#,
      #"datadog_trace_agent_stats_writer_dropped_bytes_total{reason="stats_too_old"} 15"#,
      "datadog_trace_agent_evp_proxy_request_total 9", "datadog_trace_agent_evp_proxy_request_bytes_total 900",
      "datadog_trace_agent_evp_proxy_request_error_total 2",
      #"datadog_trace_agent_receiver_config_request_total{status_code="200"} 4"#,
      #"datadog_trace_agent_product_requests_total{product="event_platform"} 9"#,
      #"datadog_trace_agent_product_forwarded_total{product="event_platform"} 6"#,
      #"datadog_trace_agent_product_refused_total{product="event_platform",reason="403"} 1"#,
      #"datadog_trace_agent_product_dropped_total{product="event_platform",reason="intake_timeout"} 2"#,
    ] {
      #expect("\n\(text)".contains("\n\(line)\n"), "\(line)")
    }
    #expect(!text.contains("_bytes_bytes"))
  }

  @Test func `are counted by DogStatsD from one time to the next`() {
    var text = DogStatsDText()
    let first = text.datagrams(Self.answer(), bytesMax: 400)
    #expect(first.count > 3 && first.allSatisfy { $0.utf8.count <= 400 })
    let lines = first.flatMap { $0.split(separator: "\n").map { String($0) } }
    let tags = #"|#lang:python,lang_version:3.13,tracer_version:4_16_"x"_,endpoint_version:v0.4"#
    #expect(lines.first == "datadog.trace_agent.started:1|c|#version:1.2.3")
    for line in [
      "receiver.traces_received:6|c\(tags)", "heartbeat:1|g|#version:1.2.3", "heap_alloc:4096|g",
      "sampler.dropped:2|c|#reason:sampling_auto_drop",
    ] {
      #expect(lines.contains("datadog.trace_agent.\(line)"), "\(line)")
    }
    // What did not change is no news; a gauge always is.
    let second = text.datagrams(Self.answer(traces: 4), bytesMax: 8_192)
    #expect(second.count == 1)
    #expect(second[0].contains("receiver.traces_received:2|c") && second[0].contains("receiver.spans_received:4|c"))
    #expect(!second[0].contains("started") && !second[0].contains("sampler.dropped"))
    #expect(second[0].contains("heartbeat:1|g"))
  }
}
