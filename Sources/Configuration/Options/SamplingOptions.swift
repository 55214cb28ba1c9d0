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
      "apm_config.max_events_per_second", .sampling, .number(\.maxEPS, 0...Double.greatestFiniteMagnitude),
      variables: ["DD_APM_MAX_EPS", "DD_MAX_EPS"],
      summary: "analytics events a second",
      meaning: "Reported by `/info`; analytics events themselves are a thing of the past that roost does not extract."),
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
