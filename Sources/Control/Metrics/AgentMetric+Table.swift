extension AgentMetric {
  /// All metrics, in the order in which they are written.
  package static var all: [AgentMetric] {
    process + receiver + openTelemetry + normalizer + sampler + writers + products
  }

  private static func total(_ value: UInt64) -> [Sample] { [Sample(value)] }

  private static var process: [AgentMetric] {
    [
      AgentMetric("heartbeat", .gauge, "1 while the agent runs.") { answer in
        [Sample(1, [Tag(name: "version", value: answer.version)])]
      },
      AgentMetric("uptime", .gauge, unit: "seconds", "Time since the agent's start.") {
        total($0.uptimeNs / 1_000_000_000)
      },
      AgentMetric("heap_alloc", .gauge, unit: "bytes", "Resident memory of the agent.") { total($0.memory.rssBytes) },
      AgentMetric(
        "cpu_percent", .gauge, "What the agent took of a processor since this was last asked for, in percent of one."
      ) {
        total($0.cpuPercent)
      },
    ]
  }

  private static var receiver: [AgentMetric] {
    [
      client("receiver.payload_accepted", "Payloads of traces that were taken.") { $0.payloads },
      client("receiver.traces_received", "Chunks of traces that were received.") { $0.traces },
      client("receiver.spans_received", "Spans that were received.") { $0.spans },
      client("receiver.traces_bytes", unit: "bytes", "Size of the bodies of traces, as they came.") { $0.bytes },
      client("receiver.stats_payload", of: .statistics, "Payloads of statistics that tracers computed.") {
        $0.payloads
      },
      client("receiver.stats_bytes", of: .statistics, unit: "bytes", "Size of the bodies of these, as they came.") {
        $0.bytes
      },
      AgentMetric("receiver.payload_refused", .counter, "Requests that were answered with an error.") { answer in
        answer.refused.sorted { $0.key < $1.key }.map { Sample($0.value, [.reason($0.key)]) }
      },
      AgentMetric("receiver.traces_filtered", .counter, "Chunks of traces that rules of the configuration dropped.") {
        losses($0.dropped, .rules) { $0.traces }
      },
      AgentMetric("receiver.spans_filtered", .counter, "Spans that rules of the configuration dropped.") {
        losses($0.dropped, .rules) { $0.spans }
      },
      AgentMetric("receiver.spans_dropped", .counter, "Spans of traces that were not valid.") {
        losses($0.dropped, .invalid) { $0.spans }
      },
      AgentMetric(
        "receiver.client_dropped_p0_traces", .counter, "Chunks of traces that tracers say they dropped themselves."
      ) { total($0.clientDropped.traces) },
      AgentMetric("receiver.client_dropped_p0_spans", .counter, "Spans that tracers say they dropped themselves.") {
        total($0.clientDropped.spans)
      },
      AgentMetric("receiver.connections", .gauge, "Open connections of clients, on TCP and unix sockets.") {
        total($0.connections.open)
      },
    ]
  }

  private static var openTelemetry: [AgentMetric] {
    [
      client("otlp.payload", of: .openTelemetry, "Requests of OTLP with traces that were taken.") { $0.payloads },
      client("otlp.traces", of: .openTelemetry, "Chunks of traces that came over OTLP.") { $0.traces },
      client("otlp.spans", of: .openTelemetry, "Spans that came over OTLP.") { $0.spans },
    ]
  }

  private static var normalizer: [AgentMetric] {
    [
      AgentMetric("normalizer.traces_dropped", .counter, "Chunks of traces that were not valid.") {
        losses($0.dropped, .invalid) { $0.traces }
      },
      AgentMetric("normalizer.spans_malformed", .counter, "Spans of which something was repaired.") { answer in
        answer.malformed.sorted { $0.key < $1.key }.map { Sample($0.value, [.reason($0.key)]) }
      },
    ]
  }

  private static var sampler: [AgentMetric] {
    [
      AgentMetric("sampler.seen", .counter, "Chunks of traces that sampling decided about.") { answer in
        let dropped = losses(answer.dropped, .sampling) { $0.traces }.reduce(0.0) { $0 + $1.value }
        return [Sample(answer.kept.traces &+ UInt64(dropped))]
      },
      AgentMetric("sampler.kept", .counter, "Chunks of traces that sampling kept.") { total($0.kept.traces) },
      AgentMetric("sampler.dropped", .counter, "Chunks of traces that sampling dropped.") {
        losses($0.dropped, .sampling) { $0.traces }
      },
      AgentMetric("sampler.size", .gauge, "Services with a sampling rate of their own.") { [Sample($0.rates.count)] },
      AgentMetric("sampler.rare.hits", .counter, "Traces that were kept for a rare span.") {
        $0.rareSampler.map { total($0.hits) } ?? []
      },
      AgentMetric("sampler.rare.misses", .counter, "Rare spans beyond the rate of the rare sampler.") {
        $0.rareSampler.map { total($0.misses) } ?? []
      },
      AgentMetric("sampler.rare.shrinks", .counter, "Services of which kinds of spans count as one.") {
        $0.rareSampler.map { total($0.shrinks) } ?? []
      },
    ]
  }

  private static var writers: [AgentMetric] {
    [
      AgentMetric("trace_writer.payloads", .counter, "Payloads of traces that the intake took.") {
        total($0.sent.traces.payloads)
      },
      AgentMetric("trace_writer.bytes", .counter, unit: "bytes", "Size of these payloads, compressed.") {
        total($0.sent.traces.bytes)
      },
      AgentMetric("trace_writer.bytes_uncompressed", .counter, "Bytes of these payloads before compression.") {
        total($0.sent.traceBytesUncompressed)
      },
      AgentMetric("trace_writer.traces", .counter, "Chunks of traces that the intake took.") {
        total($0.sent.traces.traces)
      },
      AgentMetric("trace_writer.spans", .counter, "Spans that the intake took.") { total($0.sent.traces.spans) },
      AgentMetric("trace_writer.retries", .counter, "Further attempts to send a payload of traces.") {
        total($0.sent.traceRetries)
      },
      AgentMetric("trace_writer.errors", .counter, "Payloads of traces that the intake refused for good.") {
        losses($0.lost, .refusedTraces) { $0.payloads }
      },
      AgentMetric("trace_writer.dropped", .counter, "Payloads of traces that were given up.") {
        losses($0.lost, .traces) { $0.payloads }
      },
      AgentMetric("trace_writer.dropped_bytes", .counter, unit: "bytes", "Size of these payloads, compressed.") {
        losses($0.lost, .traces) { $0.bytes }
      },
      AgentMetric("trace_writer.dropped_spans", .counter, "Spans that were kept and given up.") {
        losses($0.lost, .traces) { $0.spans }
      },
      AgentMetric("trace_writer.queued_spans", .gauge, "Spans that are kept and not yet sent.") {
        total($0.queued.spans)
      },
      AgentMetric(
        "trace_writer.queued_bytes", .gauge, unit: "bytes", "Size of the payloads that wait, of statistics too."
      ) {
        total($0.queued.bytes)
      },
      AgentMetric("stats_writer.payloads", .counter, "Payloads of statistics that the intake took.") {
        total($0.sent.stats.payloads)
      },
      AgentMetric("stats_writer.stats_buckets", .counter, "Buckets in these payloads.") {
        total($0.sent.stats.buckets)
      },
      AgentMetric("stats_writer.bytes", .counter, unit: "bytes", "Size of these payloads, compressed.") {
        total($0.sent.stats.bytes)
      },
      AgentMetric("stats_writer.retries", .counter, "Further attempts to send a payload of statistics.") {
        total($0.sent.stats.retries)
      },
      AgentMetric("stats_writer.errors", .counter, "Payloads of statistics that the intake refused for good.") {
        losses($0.lost, .refusedStatistics) { $0.payloads }
      },
      AgentMetric("stats_writer.dropped", .counter, "Payloads of statistics that were given up.") {
        losses($0.lost, .statistics) { $0.payloads }
      },
      AgentMetric("stats_writer.dropped_bytes", .counter, unit: "bytes", "Size of these payloads, compressed.") {
        losses($0.lost, .statistics) { $0.bytes }
      },
    ]
  }

  /// Endpoints of clients that a metric is about.
  private enum Endpoints {
    case traces, statistics, openTelemetry

    func contains(_ endpoint: String) -> Bool {
      let isStatistics = endpoint.contains("stats")
      return switch self {
      case .traces: !isStatistics
      case .statistics: isStatistics
      case .openTelemetry: endpoint == "otlp"
      }
    }
  }

  /// A counter of what each kind of client sent to some endpoints.
  private static func client(
    _ name: String, of endpoints: Endpoints = .traces, unit: String = "", _ help: String,
    _ value: @escaping @Sendable (TrafficCounts) -> UInt64
  ) -> AgentMetric {
    AgentMetric(name, .counter, unit: unit, help) { answer in
      var sums: [[Tag]: UInt64] = [:]
      for row in answer.clients where endpoints.contains(row.endpoint) {
        sums[row.tags, default: 0] &+= value(row.received)
      }
      return sums.sorted { $0.key.lazy.map(\.value).lexicographicallyPrecedes($1.key.lazy.map(\.value)) }
        .map { Sample($0.value, $0.key) }
    }
  }

  /// Which of the reasons for losses a metric is about.
  private enum Losses {
    case sampling, rules, invalid, traces, statistics, refusedTraces, refusedStatistics

    func contains(_ reason: String) -> Bool {
      let isSampling = reason.hasPrefix("sampling_")
      let isRule = reason.hasPrefix("filter_tags") || reason == "ignore_resources"
      return switch self {
      case .sampling: isSampling
      case .rules: isRule
      case .invalid: !isSampling && !isRule
      case .traces: !reason.hasPrefix("stats_")
      case .statistics: reason.hasPrefix("stats_")
      case .refusedTraces: reason.hasPrefix("intake_rejected_")
      case .refusedStatistics: reason.hasPrefix("stats_intake_rejected_")
      }
    }
  }

  private static func losses(
    _ losses: [String: LossCounts], _ kind: Losses, _ value: (LossCounts) -> UInt64
  ) -> [Sample] {
    losses.filter { kind.contains($0.key) }.sorted { $0.key < $1.key }
      .map { Sample(value($0.value), [.reason($0.key)]) }
  }
}

extension AgentMetric.Tag {
  static func reason(_ value: String) -> Self { Self(name: "reason", value: value) }
}

extension ClientRow {
  /// What tells clients apart, in the names of Datadog's trace-agent; without what the client does not say.
  fileprivate var tags: [AgentMetric.Tag] {
    [
      ("lang", language), ("lang_version", languageVersion), ("interpreter", interpreter),
      ("tracer_version", tracerVersion), ("endpoint_version", endpoint),
    ].filter { !$0.1.isEmpty }.map { AgentMetric.Tag(name: $0.0, value: $0.1) }
  }
}
