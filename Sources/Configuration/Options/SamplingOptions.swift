extension OptionTable {
  /// What is kept, and what is counted.
  static let sampling: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.target_traces_per_second", .sampling, .number(\.targetTPS, 0...Double.greatestFiniteMagnitude),
      variables: ["DD_APM_TARGET_TPS", "DD_APM_MAX_TPS", "DD_MAX_TPS"], olderKeys: ["apm_config.max_traces_per_second"],
      flag: ("--target-tps", "N"),
      summary: "traces a second to keep",
      meaning: """
        Shared out over services, and told to tracers as rates in the answers. It bounds what is forwarded, never \
        what is counted or shown locally. 0 keeps no trace by this sampler.
        """),
    ConfigurationOption(
      "apm_config.errors_per_second", .sampling, .number(\.errorTPS, 0...Double.greatestFiniteMagnitude),
      variables: ["DD_APM_ERROR_TPS"],
      summary: "traces with errors a second to keep on top",
      meaning: "Traces with an error that the other samplers would drop. 0 turns it off."),
    ConfigurationOption(
      "apm_config.enable_rare_sampler", .sampling, .boolean(\.rareSamplerEnabled),
      variables: ["DD_APM_ENABLE_RARE_SAMPLER"],
      summary: "keep traces with rare spans that would be dropped",
      meaning: """
        A span that enters its service or is measured is rare when none with its service, name, resource, error and \
        HTTP status was kept for a while. What a person or a rule of the tracer dropped (priority below 0) stays dropped.
        """),
    ConfigurationOption(
      "apm_config.rare_sampler.tps", .sampling, .number(\.rareSamplerTPS, 0...Double.greatestFiniteMagnitude),
      variables: ["DD_APM_RARE_SAMPLER_TPS"],
      summary: "traces a second that the rare sampler keeps",
      meaning: "After a pause up to 50 at once."),
    ConfigurationOption(
      "apm_config.rare_sampler.cooldown", .sampling, .duration(\.rareSamplerCooldown, .secondsOrUnits(1...86_400)),
      variables: ["DD_APM_RARE_SAMPLER_COOLDOWN"],
      summary: "time until a kind of span is rare again",
      meaning: "Counted from when a span of that kind was last kept."),
    ConfigurationOption(
      "apm_config.rare_sampler.cardinality", .sampling, .integer(\.rareSamplerCardinality, 1...10_000),
      variables: ["DD_APM_RARE_SAMPLER_CARDINALITY"],
      summary: "kinds of spans of a service that are told apart",
      meaning: "A service with more of them has several in one place, so that fewer are rare."),
    ConfigurationOption(
      "apm_config.probabilistic_sampler.enabled", .sampling, .boolean(\.probabilisticSamplerEnabled),
      variables: ["DD_APM_PROBABILISTIC_SAMPLER_ENABLED"],
      summary: "keep a part of all traces, chosen by their ids",
      meaning: """
        Then priorities that tracers gave do not count, and tracers get no rates. Traces with errors, and rare ones \
        where that is on, are kept besides.
        """),
    ConfigurationOption(
      "apm_config.probabilistic_sampler.sampling_percentage", .sampling,
      .number(\.probabilisticSamplerPercentage, 0...100),
      variables: ["DD_APM_PROBABILISTIC_SAMPLER_SAMPLING_PERCENTAGE"],
      summary: "percentage of traces to keep by their ids",
      meaning: "0 keeps none, 100 all."),
    ConfigurationOption(
      "apm_config.probabilistic_sampler.hash_seed", .sampling,
      .integer(\.probabilisticSamplerSeed, 0...Int(UInt32.max)),
      variables: ["DD_APM_PROBABILISTIC_SAMPLER_HASH_SEED"],
      summary: "seed of that choice",
      meaning: "Agents and OpenTelemetry collectors with the same seed and percentage keep the same traces."),
    ConfigurationOption(
      "apm_config.error_tracking_standalone.enabled", .sampling, .boolean(\.errorTrackingStandalone),
      variables: ["DD_APM_ERROR_TRACKING_STANDALONE_ENABLED"],
      summary: "keep traces with errors only",
      meaning: """
        For Error Tracking without tracing: about `apm_config.errors_per_second` traces with an error, or with an \
        exception among their span events, are kept, and nothing else.
        """),
    ConfigurationOption(
      "apm_config.analyzed_spans", .sampling, .spanRates(\.analyzedSpans, hasOperations: true),
      variables: ["DD_APM_ANALYZED_SPANS"],
      summary: "spans that are analytics events, a deprecated product",
      meaning: """
        They are sent on although their trace is dropped. Names are compared without regard to case. A span of which \
        its tracer says so (`_dd1.sr.eausr`) is an event anyway.
        """),
    ConfigurationOption(
      "apm_config.analyzed_rate_by_service", .sampling, .spanRates(\.analyzedServices, hasOperations: false),
      variables: ["DD_APM_CONFIG_ANALYZED_RATE_BY_SERVICE"],
      summary: "services whose entry spans are analytics events",
      meaning: "Older form of `apm_config.analyzed_spans`, without effect beside it."),
    ConfigurationOption(
      "apm_config.max_events_per_second", .sampling, .number(\.maxEPS, 0...Double.greatestFiniteMagnitude),
      variables: ["DD_APM_MAX_EPS", "DD_MAX_EPS"],
      summary: "analytics events a second",
      meaning: "Those of traces with priority 2 are beyond it."),
    ConfigurationOption(
      "apm_config.extra_sample_rate", .sampling, .number(\.extraSampleRate, 0...1),
      variables: ["DD_APM_CONFIG_EXTRA_SAMPLE_RATE"],
      summary: "part of the sampled traces that is kept",
      meaning: "Multiplies the rate of the samplers, 1 changes nothing."),
    ConfigurationOption(
      "apm_config.max_catalog_entries", .sampling, .integer(\.maxCatalogEntries, 1...1_000_000),
      variables: ["DD_APM_MAX_CATALOG_SERVICES"], olderKeys: ["apm_config.max_catalog_services"],
      summary: "services with a sampling rate of their own",
      meaning: "Past it the service unseen for longest is forgotten and starts again at the default rate."),
  ]

  /// How wide statistics' buckets are and what they are grouped by.
  static let statistics: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.bucket_size_seconds", .statistics, .duration(\.bucketSize, .seconds(1...3600)),
      variables: ["DD_APM_CONFIG_BUCKET_SIZE_SECONDS"],
      summary: "width of a statistics bucket in seconds",
      meaning: "Datadog expects 10; other values are for tests."),
    ConfigurationOption(
      "apm_config.peer_tags_aggregation", .statistics, .boolean(\.peerTagsAggregation),
      variables: ["DD_APM_PEER_TAGS_AGGREGATION", "DD_APM_PEER_SERVICE_AGGREGATION"],
      olderKeys: ["apm_config.peer_service_aggregation"],
      summary: "group statistics by the peer called",
      meaning:
        "Statistics of client, producer and consumer spans are also told apart by the tags that name the other side."),
    ConfigurationOption(
      "apm_config.peer_tags", .statistics, .list(\.peerTags, .either), variables: ["DD_APM_PEER_TAGS"],
      summary: "further tags that name a peer",
      meaning:
        "Added to the built-in list. Every distinct value makes a group of its own, so name none with many values."),
    ConfigurationOption(
      "apm_config.compute_stats_by_span_kind", .statistics, .boolean(\.computeStatsBySpanKind),
      variables: ["DD_APM_COMPUTE_STATS_BY_SPAN_KIND"],
      summary: "count server, client, producer and consumer spans",
      meaning: "Such spans are counted even when they are neither top-level nor marked as measured."),
  ]
}
