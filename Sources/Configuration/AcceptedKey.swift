/// Settings of the Datadog agent that roost knows and does nothing with: a `datadog.yaml` in use has many. Those that are
/// set are listed in `LoadedConfiguration.withoutEffect`; they are no mistakes.
///
/// A key or variable that ends in `*` covers everything that starts so.
package struct AcceptedKey: Sendable {
  /// What the agent does with a key that it knows and has no option for.
  package enum Fate: Sendable, Equatable {
    /// Its feature is not there yet.
    case notYet
    /// The same for what keeps data from leaving the machine.
    case notHidden
    /// The Datadog trace-agent obeys it, and there is nothing in roost that it could change.
    case noMeaning
    /// It is for tracers, or for another part of the Datadog agent.
    case otherProgram
  }

  /// Paths in the YAML file, in lower case: `apm_config.max_cpu_percent`.
  package let keys: [String]
  /// Environment variables that set the same, in upper case: those named, and `DD_` with the path of each key that is no
  /// pattern, which the Datadog agent reads for every key.
  package let variables: [String]
  /// What the agent does when it finds the key.
  package let fate: Fate
  /// What the setting is about, for the documentation.
  package let about: String
  /// Off is what roost does anyway, so that `false`, 0 and what is empty are in effect. False where off is not the
  /// usual state.
  let isOffInEffect: Bool

  init(
    _ keys: [String], _ variables: [String] = [], _ fate: Fate = .notYet, isOffInEffect: Bool = true, about: String
  ) {
    self.keys = keys
    let derived = keys.filter { !$0.hasSuffix("*") }.map { "DD_" + $0.uppercased().replacing(".", with: "_") }
    self.variables = variables + derived.filter { !variables.contains($0) }
    self.fate = fate
    self.isOffInEffect = isOffInEffect
    self.about = about
  }
}

extension AcceptedKey {
  /// Every row, in the order of the documentation.
  package static var all: [AcceptedKey] { contents + destinations + samplers + process + log + otherPrograms }

  private static let contents: [AcceptedKey] = [
    AcceptedKey(
      ["apm_config.enable_container_tags_buffer"], ["DD_APM_ENABLE_CONTAINER_TAGS_BUFFER"],
      about: "waiting for container tags"),
    AcceptedKey(
      ["apm_config.span_derived_primary_tags"], ["DD_APM_SPAN_DERIVED_PRIMARY_TAGS"],
      about: "grouping statistics by tags of spans"),
  ]

  private static let destinations: [AcceptedKey] = [
    AcceptedKey(
      ["multi_region_failover.*"], ["DD_MULTI_REGION_FAILOVER_*"], about: "sending to a second region"),
    AcceptedKey(
      ["fips.*"], ["DD_FIPS_*"], about: "sending through the FIPS proxy; `apm_config.apm_dd_url` can name it"),
    AcceptedKey(
      ["apm_config.additional_profile_tags"], ["DD_APM_ADDITIONAL_PROFILE_TAGS"], about: "more tags of profiles"),
    AcceptedKey(
      ["otlp_config.*"], ["DD_OTLP_CONFIG_*"], about: "receiving metrics and logs of OpenTelemetry"),
    AcceptedKey(
      ["remote_configuration.*"], ["DD_REMOTE_CONFIGURATION_*"],
      about: "asking Datadog for remote configuration; clients are answered that nothing is set"),
    AcceptedKey(
      ["secret_backend_type", "secret_backend_config.*"], ["DD_SECRET_BACKEND_TYPE", "DD_SECRET_BACKEND_CONFIG"],
      about: "secret backends that are a part of the Datadog agent; `secret_backend_command` names a program"),
    AcceptedKey(
      [
        "secret_refresh_scatter", "secret_audit_file_max_size", "secret_backend_skip_checks",
        "secret_scope_integration_to_their_k8s_namespace", "secret_allowed_k8s_namespace", "secret_image_to_handle",
      ], [], .noMeaning, isOffInEffect: false, about: "secrets of checks, and when the Datadog agent refreshes its own"),
    AcceptedKey(
      ["dogstatsd_pipe_name"], ["DD_DOGSTATSD_PIPE_NAME"], about: "the agent's own metrics over a pipe of Windows"),
  ]

  private static let samplers: [AcceptedKey] = [
    AcceptedKey(
      ["apm_config.disable_rare_sampler"], ["DD_APM_DISABLE_RARE_SAMPLER"], .noMeaning,
      about: "older switch that the Datadog trace-agent ignores too"),
    AcceptedKey(
      ["apm_config.max_remote_traces_per_second"], ["DD_APM_MAX_REMOTE_TPS"], about: "remotely set sampling rates"),
    AcceptedKey(
      ["apm_config.client_stats_flush_interval"], ["DD_APM_CLIENT_STATS_FLUSH_INTERVAL"],
      about: "statistics computed by tracers"),
  ]

  private static let process: [AcceptedKey] = [
    AcceptedKey(
      ["apm_config.connection_limit"], ["DD_APM_CONNECTION_LIMIT", "DD_CONNECTION_LIMIT"], .noMeaning,
      about: "new connections in 30 seconds; `max_connections` bounds how many are open"),
    AcceptedKey(
      ["apm_config.decoder_timeout"], ["DD_APM_DECODER_TIMEOUT"], .noMeaning,
      about: "waiting for a decoder; requests wait in the kernel, where nothing is lost"),
    AcceptedKey(
      ["apm_config.stats_writer.flush_period_seconds"], ["DD_APM_CONFIG_STATS_WRITER_FLUSH_PERIOD_SECONDS"], .noMeaning,
      about: "buffering of statistics; they are sent when their bucket closes"),
    AcceptedKey(
      ["apm_config.socket_activation.*"], ["DD_APM_SOCKET_ACTIVATION_*"], .noMeaning,
      about: "loader that starts the agent with the first connection"),
    AcceptedKey(
      [
        "hostname_trust_uts_namespace", "ec2_prioritize_instance_id_as_hostname", "ec2_use_windows_prefix_detection",
        "azure_hostname_style",
      ], [], about: "the host's name as its cloud or its container's host has it; `hostname` sets it"),
    AcceptedKey(
      [
        "container_labels_as_tags.*", "container_env_as_tags.*", "docker_labels_as_tags.*", "docker_env_as_tags.*",
        "kubernetes_pod_labels_as_tags.*", "kubernetes_pod_annotations_as_tags.*",
        "kubernetes_namespace_labels_as_tags.*", "kubernetes_namespace_annotations_as_tags.*",
        "kubernetes_node_labels_as_tags.*", "kubernetes_resources_labels_as_tags.*",
        "kubernetes_resources_annotations_as_tags.*", "ecs_collect_resource_tags_ec2",
      ],
      [
        "DD_CONTAINER_LABELS_AS_TAGS", "DD_CONTAINER_ENV_AS_TAGS", "DD_DOCKER_LABELS_AS_TAGS",
        "DD_DOCKER_ENV_AS_TAGS", "DD_KUBERNETES_POD_LABELS_AS_TAGS", "DD_KUBERNETES_POD_ANNOTATIONS_AS_TAGS",
        "DD_KUBERNETES_NAMESPACE_LABELS_AS_TAGS", "DD_KUBERNETES_NAMESPACE_ANNOTATIONS_AS_TAGS",
        "DD_KUBERNETES_NODE_LABELS_AS_TAGS", "DD_KUBERNETES_RESOURCES_LABELS_AS_TAGS",
        "DD_KUBERNETES_RESOURCES_ANNOTATIONS_AS_TAGS",
      ], about: "tags of the containers that traces come from"),
    AcceptedKey(
      ["no_proxy_nonexact_match", "convert_dd_site_fqdn.*"], [], .noMeaning,
      about: "how intakes and proxies are reached; libcurl's defaults hold"),
    AcceptedKey(
      ["apm_config.windows_pipe_*"], ["DD_APM_WINDOWS_PIPE_*"], .noMeaning, about: "Windows named pipes"),
    AcceptedKey(
      [
        "apm_config.trace_buffer", "apm_config.max_cpu_percent", "apm_config.watchdog_check_delay",
        "apm_config.dd_agent_bin", "apm_config.trace_writer.queue_size", "apm_config.stats_writer.queue_size",
        "apm_config.sync_flushing", "apm_config.service_writer.*", "apm_config.extra_aggregators",
      ],
      ["DD_APM_TRACE_BUFFER", "DD_APM_MAX_CPU_PERCENT", "DD_APM_SYNC_FLUSHING"], .noMeaning,
      about: "inner workings of the Datadog trace-agent"),
    AcceptedKey(
      [
        "apm_config.debug.*", "apm_config.internal_profiling.*", "apm_config.debug_v1_payloads",
        "apm_config.send_all_internal_stats",
      ],
      [
        "DD_APM_DEBUG_PORT", "DD_APM_INTERNAL_PROFILING_ENABLED", "DD_APM_DEBUG_V1_PAYLOADS",
        "DD_APM_SEND_ALL_INTERNAL_STATS",
      ], .noMeaning, about: "debugging of the Datadog trace-agent"),
    AcceptedKey(
      ["apm_config.enable_v1_trace_endpoint"], ["DD_APM_ENABLE_V1_TRACE_ENDPOINT"], .noMeaning, isOffInEffect: false,
      about: "the endpoint for v1.0, which is always there"),
  ]

  private static let log: [AcceptedKey] = [
    AcceptedKey(
      ["log_file"], [], .noMeaning, about: "log file of the Datadog agent; `apm_config.log_file` names roost's"),
    AcceptedKey(
      ["log_format_rfc3339", "apm_config.log_throttling"], ["DD_APM_LOG_THROTTLING"], .noMeaning, isOffInEffect: false,
      about: "times as RFC 3339 and throttling of repeated lines, which the log always has"),
    AcceptedKey(
      ["syslog_pem", "syslog_key", "syslog_tls_verify"], [], .noMeaning,
      about: "TLS to syslog; `syslog_uri` takes UDP and unix sockets"),
    AcceptedKey(
      ["apm_config.log_level"], ["DD_APM_LOG_LEVEL"], .noMeaning, about: "level of the log; `log_level` sets it"),
  ]

  private static let otherPrograms: [AcceptedKey] = [
    AcceptedKey(
      [
        "apm_config.instrumentation.*", "apm_config.workload_selection.*", "apm_config.mode",
      ],
      [
        "DD_APM_INSTRUMENTATION_*", "DD_APM_WORKLOAD_SELECTION*", "DD_APM_MODE",
        "DD_APM_TRACING_ENABLED",
      ], .otherProgram, about: "injection of tracers, and settings of tracers themselves"),
    // Names that could be taken for a misspelled one, or that have a namesake under `apm_config`.
    AcceptedKey(
      [
        "additional_endpoints", "auth_token_file_path", "checks_tag_cardinality", "cloud_provider_metadata",
        "cmd_host", "cmd_port", "confd_path", "config_id", "dd_url", "expvar_port", "gui_host", "gui_port",
        "install_id",
        "install_type", "ipc_address", "host_aliases",
        "hostname_force_config_as_canonical", "kubelet_tls_verify", "log_payloads", "run_path", "telemetry.*",
        "debug.*",
      ], ["DD_URL"], .otherProgram, about: "keys of other parts of the Datadog agent"),
    AcceptedKey(
      [
        "logs_config.*", "process_config.*", "network_config.*", "runtime_security_config.*",
        "serializer_*", "forwarder_*", "dogstatsd_*", "ac_*", "ad_*", "jmx_*", "logs_*", "sbom.*",
        "cluster_*", "kubernetes_*", "docker_*", "snmp_*", "logging_*", "instrumentation_*", "metrics_*",
      ], [], .otherProgram, about: "groups of other parts of the Datadog agent"),
  ]
}
