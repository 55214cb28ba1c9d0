import Testing

@testable import Configuration

@Suite struct `Settings without effect` {
  /// `reason name (origin)` of each.
  private func listed(_ yaml: String? = nil, _ environment: [String: String] = [:]) -> [String] {
    load(yaml, environment: environment).withoutEffect.map { "\($0.reason.rawValue) \($0)" }
  }

  @Test(arguments: [
    (
      "multi_region_failover:\n  enabled: true\n  site: b",
      [
        "not_yet multi_region_failover.enabled (datadog.yaml:2)", "not_yet multi_region_failover.site (datadog.yaml:3)",
      ]
    ),
    ("otlp_config: {logs: {enabled: true}}", ["not_yet otlp_config.logs.enabled (datadog.yaml:1)"]),
    (
      "apm_config:\n  additional_profile_tags:\n    team: a",
      ["not_yet apm_config.additional_profile_tags (datadog.yaml:2)"]
    ),
    ("apm_config: {max_cpu_percent: 50}", ["no_meaning apm_config.max_cpu_percent (datadog.yaml:1)"]),
    ("apm_config: {connection_limit: 200}", ["no_meaning apm_config.connection_limit (datadog.yaml:1)"]),
    (
      "apm_config: {trace_writer: {queue_size: 9}}",
      ["no_meaning apm_config.trace_writer.queue_size (datadog.yaml:1)"]
    ),
    (
      "syslog_pem: a\nlog_file: b\napm_config: {sync_flushing: true}",
      [
        "no_meaning syslog_pem (datadog.yaml:1)", "no_meaning log_file (datadog.yaml:2)",
        "no_meaning apm_config.sync_flushing (datadog.yaml:3)",
      ]
    ),
    ("log_format_json: true\nlog_file_max_size: 10Mb\nlog_file_max_rolls: 2\nlog_to_syslog: yes\nhealth_port: 1", []),
    ("apm_config: {max_events_per_second: 3}", []),
    ("tags: ['env:prod', 'team:a']\nextra_tags: ['region:eu']", []),
    ("hostname_fqdn: true", []),
    (
      "ec2_prioritize_instance_id_as_hostname: true\nazure_hostname_style: full\nfips: {enabled: true}",
      [
        "not_yet ec2_prioritize_instance_id_as_hostname (datadog.yaml:1)",
        "not_yet azure_hostname_style (datadog.yaml:2)", "not_yet fips.enabled (datadog.yaml:3)",
      ]
    ),
    (
      "kubernetes_pod_labels_as_tags: {app: kube_app}\nhost_aliases: [a]\nconvert_dd_site_fqdn: {enabled: true}",
      [
        "not_yet kubernetes_pod_labels_as_tags.app (datadog.yaml:1)", "other_program host_aliases (datadog.yaml:2)",
        "no_meaning convert_dd_site_fqdn.enabled (datadog.yaml:3)",
      ]
    ),
    (
      "apm_config: {features: [sql_cache, '429', xyz]}",
      [
        "not_yet apm_config.features: sql_cache (datadog.yaml:1)", "unknown apm_config.features: xyz (datadog.yaml:1)",
      ]
    ),
    ("apm_config: {zebra: 1}", ["unknown apm_config.zebra (datadog.yaml:1)"]),
    (
      "logs_config: {a: {b: 1}}\ncmd_port: 1",
      ["other_program logs_config (datadog.yaml:1)", "other_program cmd_port (datadog.yaml:2)"]
    ),
  ])
  func `are listed with their places and reasons`(yaml: String, expected: [String]) {
    #expect(listed(yaml) == expected)
  }

  @Test func `are found in the environment, each named once`() {
    let variables = [
      "DD_SYSLOG_PEM", "DD_LOG_FILE", "DD_APM_SYNC_FLUSHING", "DD_APM_MAX_CPU_PERCENT", "DD_APM_CONNECTION_LIMIT",
      "DD_CONNECTION_LIMIT",
      "DD_APM_CONFIG_TRACE_WRITER_QUEUE_SIZE",
    ]
    let environment = Dictionary(uniqueKeysWithValues: variables.map { ($0, "7") })
    #expect(listed(nil, environment) == variables.sorted().map { "no_meaning \($0)" })
    #expect(listed(nil, ["DD_TAGS": "env:a team:b", "DD_EXTRA_TAGS": "c:d"]) == [])
    #expect(listed(nil, ["DD_APM_FEATURES": "abc"]) == ["unknown apm_config.features: abc (DD_APM_FEATURES)"])
    #expect(listed(nil, ["DD_APM_ZEBRA": "1"]) == ["unknown DD_APM_ZEBRA"])
  }

  @Test(arguments: [
    "apm_config: {telemetry: {enabled: false}}", "remote_configuration: {enabled: no}",
    "syslog_tls_verify: false", "apm_config: {connection_limit: 0}", "syslog_pem:",
    "multi_region_failover: {}",
  ])
  func `are not those that are off, as they would be without`(yaml: String) {
    #expect(listed(yaml) == [])
  }

  @Test func `are those that turn off what cannot be turned off`() {
    #expect(listed("log_format_rfc3339: false") == ["no_meaning log_format_rfc3339 (datadog.yaml:1)"])
    #expect(
      listed(nil, ["DD_REMOTE_CONFIGURATION_ENABLED": "false", "DD_APM_LOG_THROTTLING": "false"]) == [
        "no_meaning DD_APM_LOG_THROTTLING"
      ])
  }

  @Test func `never show a value or a character that moves the cursor`() {
    let loaded = load("apm_config:\n  additional_profile_tags: {a: s3cret}\n  \"z\\u001b\": s3cret")
    #expect(!"\(loaded.withoutEffect)".contains("s3cret"))
    #expect(loaded.withoutEffect.map(\.name) == ["apm_config.additional_profile_tags", "apm_config.z\\u{1b}"])
  }

  @Test func `end at two hundred`() {
    let yaml = "multi_region_failover:\n" + (0..<300).map { "  k\($0): 1\n" }.joined()
    #expect(load(yaml).withoutEffect.count == 200)
  }

  @Test(arguments: [
    ("app.datadoghq.eu", "datadoghq.eu"), ("https://app.datadoghq.com", "datadoghq.com"),
    ("https://us5.datadoghq.com", "us5.datadoghq.com"), ("https://us5.datadoghq.com/apm/home?a=b", "us5.datadoghq.com"),
    ("app.us3.datadoghq.com", "us3.datadoghq.com"), ("trace.agent.datadoghq.eu", "datadoghq.eu"),
    ("https://trace.agent.ap1.datadoghq.com/", "ap1.datadoghq.com"), ("api.ddog-gov.com", "ddog-gov.com"),
    ("www.datadoghq.com", "datadoghq.com"), ("APP.DATADOGHQ.EU", "datadoghq.eu"),
    ("https://app.us3-fed.datadoghq.com", "us3-fed.datadoghq.com"),
    ("intake.datadoghq.eu", "datadoghq.eu"),
  ])
  func `a site that is a host of the web interface is an error that says what to write`(site: String, meant: String) {
    #expect(
      messages(load(environment: ["DD_SITE": site]))
        == ["error DD_SITE: \"\(site)\" is an address, not the site; write \(meant)"])
  }

  @Test(arguments: [
    "datadoghq.com", "datadoghq.eu", "us3.datadoghq.com", "US5.datadoghq.com", "ap2.datadoghq.com", "ddog-gov.com",
    "us2.ddog-gov.com", "datad0g.com", "app.example.com", "intake.internal", "notdatadoghq.com",
  ])
  func `a bare domain is a site, of Datadog or of others`(site: String) {
    #expect(messages(load(environment: ["DD_SITE": site])) == [])
  }

  @Test(arguments: ["us3-fed.datadoghq.com", "eu9.datadoghq.eu", "staging.datadoghq.com"])
  func `a site of Datadog that is not known is a warning, and used`(site: String) {
    let loaded = load(environment: ["DD_SITE": site])
    #expect(
      messages(loaded) == [
        "warning DD_SITE: \"\(site)\" is none of the sites that roost knows; traces are sent there all the same"
      ])
    #expect(loaded.isUsable && loaded.value.site == site)
  }
}
