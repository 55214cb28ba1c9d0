@testable import Configuration

/// For one option a value other than its default, as written and as shown, and one that must be refused.
struct OptionExample {
  let option: String
  /// Text that YAML, a variable and a flag all take.
  let text: String
  /// What `OptionSlot.text` then shows.
  let shown: String
  /// The option's default as `OptionSlot.text` shows it.
  let standard: String
  /// A refused text and the message; nil when every text is fine.
  let refused: (text: String, message: String)?

  static let all: [OptionExample] =
    general + secrets + receiver + otlp + obfuscation + sampling + forwarding + products

  static func row(
    _ option: String, _ text: String, shown: String? = nil, standard: String, refused: (String, String)? = nil
  ) -> OptionExample {
    OptionExample(option: option, text: text, shown: shown ?? text, standard: standard, refused: refused)
  }

  private static let general = [
    row("api_key", "0123456789abcdef0123456789abcdef", shown: "…cdef", standard: "none"),
    row(
      "site", "US3.datadoghq.com", shown: "us3.datadoghq.com", standard: "datadoghq.com",
      refused: (
        "https://datadoghq.eu",
        "\"https://datadoghq.eu\" is an address, not the site; write datadoghq.eu"
      )),
    row("hostname", "web-1", standard: "none"),
    row("hostname_file", "/etc/roost/hostname", standard: "none"),
    row("hostname_fqdn", "true", standard: "false", refused: ("maybe", "\"maybe\" is not true or false")),
    row("kubernetes_kubelet_nodename", "node-7", standard: "none"),
    row("eks_fargate", "true", standard: "false", refused: ("maybe", "\"maybe\" is not true or false")),
    row("container_proc_root", "/host/proc", standard: "/proc"),
    row("container_cgroup_root", "/host/sys/fs/cgroup", standard: "/sys/fs/cgroup"),
    row("apm_config.install_id", "5ab0c5d2", standard: "none"),
    row("apm_config.install_type", "k8s_single_step", standard: "none"),
    row(
      "apm_config.install_time", "1700000000", standard: "0",
      refused: ("-1", "-1 is out of range (0 or more)")),
    row("apm_config.env", "staging", standard: "none"),
    row("tags", "team:a", standard: "none"),
    row("extra_tags", "rack:7", standard: "none"),
    row("apm_config.filter_tags.require", "env:prod", standard: "none"),
    row(
      "apm_config.filter_tags.reject", "outcome:success", standard: "none",
      refused: (":x", "entry 1, \":x\": names no tag; write key:value or key")),
    row(
      "apm_config.filter_tags_regex.require", "team:^core$", standard: "none",
      refused: ("a:(", "entry 1, \"a:(\": missing closing parenthesis, at character 4")),
    row(
      "apm_config.filter_tags_regex.reject", "url:/ping$", standard: "none",
      refused: (":x", "entry 1, \":x\": names no tag; write key:pattern")),
    row(
      "apm_config.ignore_resources", "GET /ping,^GET /a{1,3}$", shown: "GET /ping, ^GET /a{1,3}$", standard: "none",
      refused: ("GET /x,(?=a)", "entry 2, \"(?=a)\": lookahead, which RE2 does not have, at character 1")),
    row(
      "apm_config.replace_tags", #"[{"name":"http.url","pattern":"(token=)[^&]*","repl":"${1}?"}]"#,
      shown: "http.url: (token=)[^&]* → ${1}?", standard: "none",
      refused: (#"[{"name":"a"}]"#, "rule 1: pattern is missing")),
    row("apm_config.enabled", "false", standard: "true", refused: ("maybe", "\"maybe\" is not true or false")),
    row("apm_config.features", "429,big_resource", shown: "429, big_resource", standard: "none"),
    row(
      "log_level", "WARNING", shown: "warn", standard: "info",
      refused: ("loud", "\"loud\" is not one of trace, debug, info, warn, error, critical, off")),
    row("apm_config.log_file", "/var/log/roost.log", standard: "none"),
    row(
      "log_file_max_size", "20MB", shown: "20000000", standard: "10485760",
      refused: ("much", "\"much\" is no number of bytes and no size such as 512MB or 2GiB")),
    row("log_file_max_rolls", "3", standard: "1", refused: ("-1", "-1 is out of range (0 to 1000)")),
    row("log_format_json", "true", standard: "false", refused: ("2", "\"2\" is not true or false")),
    row("log_to_console", "true", standard: "false", refused: ("2", "\"2\" is not true or false")),
    row("log_to_syslog", "true", standard: "false", refused: ("2", "\"2\" is not true or false")),
    row("syslog_uri", "udp://127.0.0.1:514", standard: "none"),
    row("syslog_rfc", "true", standard: "false", refused: ("2", "\"2\" is not true or false")),
    row("health_port", "5555", standard: "0", refused: ("70000", "70000 is out of range (0 to 65535)")),
    row("disable_file_logging", "true", standard: "false", refused: ("2", "\"2\" is not true or false")),
    row("use_dogstatsd", "true", standard: "none", refused: ("udp", "\"udp\" is not true or false")),
    row("dogstatsd_port", "8125", standard: "none", refused: ("70000", "70000 is out of range (0 to 65535)")),
    row("dogstatsd_socket", "unix:///run/dsd.sock", standard: "none"),
    row("apm_config.control_socket", "/run/c.sock", standard: "none"),
    row("local.control_group", "adm", standard: "none"),
    row("local.db", "/state/roost.db", standard: "none"),
    row(
      "local.db_max", "1000000", standard: "512000000",
      refused: ("9", "9 is out of range (1000000 or more)")),
    row(
      "local.db_spans_per_second", "500", standard: "5000",
      refused: ("-1", "-1 is out of range (0 to 1000000000)")),
    row("local.keep_bad_payloads", "false", standard: "true", refused: ("nope", "\"nope\" is not true or false")),
    row(
      "local.web", "localhost:9000", standard: "false",
      refused: ("here", "\"here\" is not true, false, a port or HOST:PORT")),
    row(
      "apm_config.max_memory", "5e7", shown: "50000000", standard: "500000000",
      refused: ("-1", "-1 is out of range (0 or more)")),
  ]

  private static let receiver = [
    row(
      "apm_config.receiver_enabled", "f", shown: "false", standard: "true",
      refused: ("nein", "\"nein\" is not true or false")),
    row(
      "apm_config.receiver_port", "8127", standard: "8126",
      refused: ("70000", "70000 is out of range (0 to 65535)")),
    row("apm_config.receiver_socket", "/tmp/a.socket", standard: "/var/run/datadog/apm.socket"),
    row(
      "bind_host", "10.0.0.1", standard: "none",
      refused: ("http://a", "\"http://a\" is not a host name or IP address")),
    row(
      "apm_config.apm_non_local_traffic", "true", standard: "none",
      refused: ("all", "\"all\" is not true or false")),
    row("DD_APM_NET_RECEIVER_FD", "3", standard: "none", refused: ("-1", "-1 is out of range (0 to 1048576)")),
    row("DD_APM_UNIX_RECEIVER_FD", "4", standard: "none", refused: ("x", "\"x\" is not a whole number")),
    row("DD_OTLP_CONFIG_GRPC_FD", "5", standard: "none", refused: ("x", "\"x\" is not a whole number")),
    row("apm_config.receiver_timeout", "10", standard: "5", refused: ("5s", "\"5s\" is not a whole number of seconds")),
    row(
      "apm_config.max_payload_size", "1_000_000", shown: "1000000", standard: "26214400",
      refused: ("0", "0 is out of range (1 to 1073741824)")),
    row(
      "apm_config.max_connections", "0x10", shown: "16", standard: "1000",
      refused: ("010", "\"010\" is not a whole number")),
    row("apm_config.decoders", "4", standard: "0", refused: ("257", "257 is out of range (0 to 256)")),
    row("apm_config.idle_timeout", "30", standard: "60", refused: ("1d", "\"1d\" is not a whole number of seconds")),
    row(
      "apm_config.max_header_size", "8192", standard: "32768",
      refused: ("100", "100 is out of range (4096 to 1048576)")),
  ]

  private static let sampling = [
    row(
      "apm_config.target_traces_per_second", "2.5", standard: "10", refused: ("-1", "-1 is out of range (0 or more)")),
    row("apm_config.errors_per_second", "0", standard: "10", refused: ("nan", "\"nan\" is not a number")),
    row(
      "apm_config.enable_rare_sampler", "true", standard: "false", refused: ("some", "\"some\" is not true or false")),
    row("apm_config.rare_sampler.tps", "2", standard: "5", refused: ("-1", "-1 is out of range (0 or more)")),
    row(
      "apm_config.rare_sampler.cooldown", "1h30m", shown: "5400", standard: "300",
      refused: ("5x", "\"5x\" is not a whole number of seconds")),
    row(
      "apm_config.rare_sampler.cardinality", "10", standard: "200",
      refused: ("0", "0 is out of range (1 to 10000)")),
    row(
      "apm_config.probabilistic_sampler.enabled", "1", shown: "true", standard: "false",
      refused: ("half", "\"half\" is not true or false")),
    row(
      "apm_config.probabilistic_sampler.sampling_percentage", "12.5", standard: "0",
      refused: ("101", "101 is out of range (0 to 100)")),
    row(
      "apm_config.probabilistic_sampler.hash_seed", "22", standard: "0",
      refused: ("-1", "-1 is out of range (0 to 4294967295)")),
    row(
      "apm_config.error_tracking_standalone.enabled", "true", standard: "false",
      refused: ("yes please", "\"yes please\" is not true or false")),
    row(
      "apm_config.analyzed_spans", "web|http.request=0.5,db|query=1", shown: "web|http.request=0.5, db|query=1",
      standard: "none", refused: ("web=1", "\"web\" does not name both; write service|operation")),
    row(
      "apm_config.analyzed_rate_by_service", "web=0.5", standard: "none",
      refused: ("web=2", "\"web\": \"2\" is not a rate from 0 to 1")),
    row(
      "apm_config.max_events_per_second", "1e3", shown: "1000", standard: "200",
      refused: ("inf", "\"inf\" is not a number")),
    row("apm_config.extra_sample_rate", "0.5", standard: "1", refused: ("2", "2 is out of range (0 to 1)")),
    row("apm_config.max_catalog_entries", "7", standard: "5000", refused: ("many", "\"many\" is not a whole number")),
    row(
      "apm_config.bucket_size_seconds", "2", standard: "10",
      refused: ("4000", "4000 is out of range (1 to 3600 seconds)")),
    row(
      "apm_config.peer_tags_aggregation", "0", shown: "false", standard: "true",
      refused: ("5", "\"5\" is not true or false")),
    row(
      "apm_config.peer_tags", "a.b, c", shown: "a.b, c", standard: "none",
      refused: ("[{}", "not a JSON list of texts, such as [\"a\", \"b\"]: its ] is missing")),
    row(
      "apm_config.compute_stats_by_span_kind", "False", shown: "false", standard: "true",
      refused: ("fALSE", "\"fALSE\" is not true or false")),
  ]

  private static let forwarding = [
    row(
      "apm_config.apm_dd_url", "http://127.0.0.1:9000/", shown: "http://127.0.0.1:9000", standard: "none",
      refused: ("127.0.0.1:9000", "not an address: it must start with http:// or https://")),
    // Alone it lacks the worker's address, which its own test covers.
    row(
      "observability_pipelines_worker.traces.enabled", "false", standard: "false",
      refused: ("oui", "\"oui\" is not true or false")),
    row(
      "observability_pipelines_worker.traces.url", "https://opw:8383", standard: "none",
      refused: ("https://opw:99999", "not an address: the port must be a number from 1 to 65535")),
    row(
      "proxy.https", "proxy:3128", shown: "http://proxy:3128", standard: "none",
      refused: ("socks5://proxy", "not an address roost can use: it must start with http:// or https://")),
    row(
      "proxy.http", "http://me:secret@proxy:3128", shown: "http://…@proxy:3128", standard: "none",
      refused: ("http://", "not an address: it names no host")),
    row("proxy.no_proxy", "a.example b.example", shown: "a.example, b.example", standard: "none"),
    row("skip_ssl_validation", "true", standard: "false", refused: ("no way", "\"no way\" is not true or false")),
    row("local.ca_file", "/etc/ssl/own.pem", standard: "none"),
    row("local.ca_folders", "/etc/ssl/own:/etc/ssl/other", standard: "none"),
    row("apm_config.compression", "gzip", standard: "zstd", refused: ("lz4", "\"lz4\" is not zstd or gzip")),
    row("apm_config.compression_level", "3", standard: "1", refused: ("10", "10 is out of range (1 to 9)")),
    row(
      "apm_config.trace_writer.connection_limit", "9", standard: "5",
      refused: ("0", "0 is out of range (1 to 100)")),
    row(
      "apm_config.trace_writer.flush_period_seconds", "0.25", standard: "0.5",
      refused: ("5000", "5000 is out of range (0.01 to 3600 seconds)")),
    row(
      "apm_config.trace_writer.queue_max_bytes", "1048576", standard: "25165824",
      refused: ("1", "1 is out of range (65536 to 1073741824)")),
    row(
      "apm_config.stats_writer.connection_limit", "2", standard: "5",
      refused: ("101", "101 is out of range (1 to 100)")),
    row(
      "apm_config.stats_writer.queue_max_bytes", "65536", standard: "8388608",
      refused: ("64k", "\"64k\" is no number of bytes and no size such as 512MB or 2GiB")),
    row("local.spool", "/state/spool", standard: "none"),
    row(
      "local.durability", "STRICT", shown: "strict", standard: "normal",
      refused: ("high", "\"high\" is neither normal nor strict")),
    row(
      "local.spool_max", "1GB", shown: "1000000000", standard: "512000000",
      refused: ("9", "9 is out of range (16000000 or more)")),
    row(
      "apm_config.additional_endpoints",
      #"{"https://trace.agent.datadoghq.eu/api/v0.2/traces":["0123456789abcdef0123456789abcdef","short"],"http://x":"k"}"#,
      shown: "https://trace.agent.datadoghq.eu …cdef, https://trace.agent.datadoghq.eu …, http://x …", standard: "none",
      refused: (#"{"x.example": ["k"]}"#, "entry 1: not an address: it must start with http:// or https://")),
    row(
      "local.destinations",
      #"["otlp+http://tempo:4318",{"url":"otlp+https://user:pass@x.example/otlp","headers":{"Authorization":"Bearer t"},"compression":"zstd"}]"#,
      shown: "otlp+http://tempo:4318/v1/traces, otlp+https://…@x.example/otlp (zstd; authorization: …)",
      standard: "none",
      refused: (
        "http://tempo:4318",
        "entry 1: not an address of a destination: it must start with otlp+http:// or otlp+https://"
      )),
    row(
      "min_tls_version", "TLSv1.3", shown: "tlsv1.3", standard: "tlsv1.2",
      refused: ("ssl3", "\"ssl3\" is none of tlsv1.0, tlsv1.1, tlsv1.2, tlsv1.3")),
    row("apm_config.max_sender_retries", "4", standard: "none", refused: ("-4", "-4 is out of range (0 to 1000000)")),
    row(
      "apm_config.connection_reset_interval", "600", standard: "0",
      refused: ("1h", "\"1h\" is not a whole number of seconds")),
  ]
}
