import Testing

@testable import Configuration

@Suite struct `Names of settings` {
  private static let known = KnownNames(options: OptionTable.options, accepted: AcceptedKey.all)

  /// Every key that the Datadog trace-agent reads, below `apm_config` first.
  @Test func `are known, all that the Datadog trace-agent reads`() {
    let apm = """
      enabled socket_activation.enabled receiver_enabled receiver_port receiver_socket receiver_timeout \
      apm_non_local_traffic windows_pipe_name windows_pipe_buffer_size windows_pipe_security_descriptor env apm_dd_url \
      additional_endpoints connection_limit max_connections max_payload_size decoders decoder_timeout trace_buffer \
      max_memory max_cpu_percent watchdog_check_delay bucket_size_seconds extra_sample_rate dd_agent_bin \
      target_traces_per_second max_traces_per_second errors_per_second max_events_per_second \
      max_remote_traces_per_second enable_rare_sampler disable_rare_sampler rare_sampler.tps rare_sampler.cooldown \
      rare_sampler.cardinality probabilistic_sampler.enabled probabilistic_sampler.sampling_percentage \
      probabilistic_sampler.hash_seed error_tracking_standalone.enabled analyzed_spans analyzed_rate_by_service \
      ignore_resources replace_tags filter_tags.require filter_tags.reject filter_tags_regex.require \
      filter_tags_regex.reject obfuscation.elasticsearch.enabled obfuscation.elasticsearch.keep_values \
      obfuscation.elasticsearch.obfuscate_sql_values obfuscation.opensearch.enabled obfuscation.mongodb.enabled \
      obfuscation.sql_exec_plan.enabled obfuscation.sql_exec_plan_normalize.enabled \
      obfuscation.http.remove_query_string obfuscation.http.remove_paths_with_digits obfuscation.remove_stack_traces \
      obfuscation.redis.enabled obfuscation.redis.remove_all_args obfuscation.valkey.enabled \
      obfuscation.memcached.enabled obfuscation.memcached.keep_command obfuscation.credit_cards.enabled \
      obfuscation.credit_cards.luhn obfuscation.credit_cards.keep_values obfuscation.cache.enabled \
      obfuscation.cache.max_size sql_obfuscation_mode peer_tags_aggregation peer_service_aggregation peer_tags \
      compute_stats_by_span_kind features log_file connection_reset_interval max_sender_retries sync_flushing \
      trace_writer.connection_limit trace_writer.queue_size trace_writer.flush_period_seconds \
      stats_writer.connection_limit stats_writer.queue_size stats_writer.flush_period_seconds \
      client_stats_flush_interval max_catalog_entries profiling_dd_url profiling_additional_endpoints \
      profiling_receiver_timeout debugger_dd_url debugger_api_key debugger_diagnostics_dd_url symdb_dd_url \
      telemetry.enabled telemetry.dd_url telemetry.additional_endpoints internal_profiling.enabled debug.port \
      debug_v1_payloads enable_v1_trace_endpoint send_all_internal_stats enable_container_tags_buffer install_id \
      install_type install_time instrumentation.enabled workload_selection.enabled api_key
      """
    let core = """
      api_key site hostname bind_host env tags dogstatsd_port dogstatsd_socket dogstatsd_pipe_name use_dogstatsd \
      log_level log_file log_file_max_size log_file_max_rolls log_format_json log_format_rfc3339 log_to_console \
      log_to_syslog syslog_uri syslog_rfc syslog_pem syslog_key syslog_tls_verify disable_file_logging health_port \
      proxy.http proxy.https proxy.no_proxy skip_ssl_validation container_proc_root gui_port app_key \
      remote_configuration.enabled evp_proxy_config.enabled ol_proxy_config.enabled \
      otlp_config.receiver.protocols.grpc.endpoint otlp_config.traces.internal_port secret_backend_command
      """
    let names = apm.split(separator: " ").map { "apm_config.\($0)" } + core.split(separator: " ").map(String.init)
    #expect(names.filter { [.unknown, .group].contains(Self.known.kind(of: $0)) } == [])
  }

  /// Variables whose names do not follow from the keys.
  @Test func `are known, all variables that the Datadog trace-agent has of its own`() {
    let names = """
      DD_RECEIVER_PORT DD_CONNECTION_LIMIT DD_APM_MAX_TPS DD_MAX_TPS DD_APM_ERROR_TPS DD_APM_MAX_EPS DD_MAX_EPS \
      DD_APM_MAX_REMOTE_TPS DD_APM_DISABLE_RARE_SAMPLER DD_APM_ANALYZED_SPANS DD_IGNORE_RESOURCE DD_APM_REPLACE_TAGS \
      DD_APM_FILTER_TAGS_REGEX_REQUIRE DD_APM_OBFUSCATION_REMOVE_STACK_TRACES DD_APM_MAX_CATALOG_SERVICES \
      DD_APM_ADDITIONAL_ENDPOINTS DD_APM_PROFILING_DD_URL DD_APM_DEBUG_PORT DD_INSTRUMENTATION_INSTALL_ID \
      DD_APM_WINDOWS_PIPE_NAME DD_APM_INSTRUMENTATION_ENABLED DD_HEALTH_PORT DD_LOG_FORMAT_JSON
      """
    #expect(names.split(separator: " ").filter { !Self.known.isKnown(variable: String($0)) } == [])
  }

  @Test(arguments: [
    (
      "apm_config: {max_traces_per_second: 5}", "apm_config.max_traces_per_second",
      "apm_config.target_traces_per_second"
    ),
    ("apm_config: {api_key: 0123456789abcdef0123456789abcdef}", "apm_config.api_key", "api_key"),
    (nil, "DD_RECEIVER_PORT", "DD_APM_RECEIVER_PORT"), (nil, "DD_MAX_EPS", "DD_APM_MAX_EPS"),
  ])
  func `that have a newer one are read, and the newer one is said`(yaml: String?, old: String, newer: String) {
    let loaded = load(yaml, environment: yaml == nil ? [old: "9"] : [:])
    #expect(loaded.problems.isEmpty)
    #expect(loaded.hints.map(\.option) == [old] && loaded.hints.map(\.message) == ["is an older name of \(newer)"])
  }
}
