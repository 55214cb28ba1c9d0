extension OptionTable {
  /// Other products than tracing: what is taken, and where it goes.
  static let products: [ConfigurationOption] =
    profiling + telemetry + debugging + events + lineage + [
      ConfigurationOption(
        "remote_configuration.enabled", .products, .boolean(\.products.answersRemoteConfiguration),
        variables: ["DD_REMOTE_CONFIGURATION_ENABLED"],
        summary: "false: clients that ask for remote configuration get 404",
        meaning: """
          roost has no remote configuration of its own and asks nobody for one. It answers clients that nothing is set, \
          so that they do not complain.
          """)
    ]

  private static let profiling: [ConfigurationOption] = [
    address(
      "apm_config.profiling_dd_url", \.products.profiling.url, ["DD_APM_PROFILING_DD_URL"], of: "profiles",
      default: "`https://intake.profile.SITE/api/v2/profile`"),
    additional(
      "apm_config.profiling_additional_endpoints", \.products.profiling.additional,
      ["DD_APM_PROFILING_ADDITIONAL_ENDPOINTS"],
      of: "profiles"),
    ConfigurationOption(
      "apm_config.profiling_receiver_timeout", .products,
      .duration(\.products.profilingTimeout, .seconds(1...30)), variables: ["DD_APM_PROFILING_RECEIVER_TIMEOUT"],
      summary: "seconds that passing on a profile may take",
      meaning: "Attempts that fail are repeated within this time, up to twice. 0 is the default."),
  ]

  private static let telemetry: [ConfigurationOption] = [
    ConfigurationOption(
      "apm_config.telemetry.enabled", .products, .boolean(\.products.takesTelemetry),
      variables: ["DD_APM_TELEMETRY_ENABLED"],
      summary: "false: telemetry of tracers gets 404",
      meaning: """
        Tracers report how they are set up and what they instrument. roost shows that in `roost info -v`, and the doctor \
        reads it; with an API key it is passed on.
        """),
    address(
      "apm_config.telemetry.dd_url", \.products.telemetry.url, ["DD_APM_TELEMETRY_DD_URL"], of: "telemetry of tracers",
      default: "`https://instrumentation-telemetry-intake.SITE`", isWhole: false),
    additional(
      "apm_config.telemetry.additional_endpoints", \.products.telemetry.additional,
      ["DD_APM_TELEMETRY_ADDITIONAL_ENDPOINTS"],
      of: "telemetry"),
  ]

  private static let debugging: [ConfigurationOption] =
    debugging(
      "debugger", (\.products.debugger.url, \.products.debugger.key, \.products.debugger.additional),
      of: "logs and snapshots of dynamic instrumentation",
      default: "`https://http-intake.logs.SITE/api/v2/logs`")
    + debugging(
      "debugger_diagnostics",
      (
        \.products.debuggerDiagnostics.url, \.products.debuggerDiagnostics.key,
        \.products.debuggerDiagnostics.additional
      ), of: "diagnostics of dynamic instrumentation",
      default: "`https://debugger-intake.SITE/api/v2/debugger`")
    + debugging(
      "symdb", (\.products.symbols.url, \.products.symbols.key, \.products.symbols.additional),
      of: "symbols for dynamic instrumentation",
      default: "`https://debugger-intake.SITE/api/v2/debugger`")

  private static func debugging(
    _ name: String,
    _ paths: (
      url: SettingPath<HTTPURL?>, key: SettingPath<APIKey?>, additional: SettingPath<[IntakeEndpoint]>
    ), of what: String, default note: String
  ) -> [ConfigurationOption] {
    let (key, variable) = ("apm_config.\(name)_", "DD_APM_\(name.uppercased())_")
    return [
      address(key + "dd_url", paths.url, [variable + "DD_URL"], of: what, default: note),
      ownKey(key + "api_key", paths.key, [variable + "API_KEY"], of: what),
      additional(key + "additional_endpoints", paths.additional, [variable + "ADDITIONAL_ENDPOINTS"], of: what),
    ]
  }

  private static let events: [ConfigurationOption] = [
    ConfigurationOption(
      "evp_proxy_config.enabled", .products, .boolean(\.products.takesEvents),
      variables: ["DD_EVP_PROXY_CONFIG_ENABLED"],
      summary: "false: events of tests, AI models and others get 405",
      meaning: "Clients find the proxy for events in `/info` and send what is no trace through it."),
    ConfigurationOption(
      "evp_proxy_config.dd_url", .products, .domain(\.products.events.url),
      variables: ["DD_EVP_PROXY_CONFIG_DD_URL"], defaultNote: "`site`",
      summary: "site for events",
      meaning: "A domain such as `datadoghq.eu`, before which the subdomain is put that the client names."),
    ownKey("evp_proxy_config.api_key", \.products.events.key, ["DD_EVP_PROXY_CONFIG_API_KEY"], of: "events"),
    ConfigurationOption(
      "evp_proxy_config.app_key", .products, .apiKey(\.products.applicationKey),
      sources: [
        .variable("DD_EVP_PROXY_CONFIG_APP_KEY"), .key("evp_proxy_config.app_key"), .variable("DD_APP_KEY"),
        .key("app_key"),
      ],
      summary: "application key, for clients of events that need one",
      meaning: "A client that reads settings of its tests needs it; without one it gets 502."),
    ConfigurationOption(
      "evp_proxy_config.additional_endpoints", .products, .domainEndpoints(\.products.events.additional),
      variables: ["DD_EVP_PROXY_CONFIG_ADDITIONAL_ENDPOINTS"],
      summary: "further sites that get the events too, with their keys",
      meaning: "A mapping such as `{\"datadoghq.eu\": [\"KEY\"]}`. Their answers are not passed back."),
    ConfigurationOption(
      "evp_proxy_config.max_payload_size", .products, .integer(\.products.eventBytesMax, 1...1_073_741_824, .bytes),
      variables: ["DD_EVP_PROXY_CONFIG_MAX_PAYLOAD_SIZE"],
      summary: "largest body of events",
      meaning: "A larger one is answered with 413. `apm_config.max_payload_size` bounds all requests besides."),
    ConfigurationOption(
      "evp_proxy_config.receiver_timeout", .products, .duration(\.products.eventTimeout, .seconds(1...30)),
      variables: ["DD_EVP_PROXY_CONFIG_RECEIVER_TIMEOUT"],
      summary: "seconds that passing on events may take",
      meaning: "After that the client gets 504. 0 is the default."),
  ]

  private static let lineage: [ConfigurationOption] = [
    ConfigurationOption(
      "ol_proxy_config.enabled", .products, .boolean(\.products.takesLineage),
      variables: ["DD_OL_PROXY_CONFIG_ENABLED"],
      summary: "false: OpenLineage gets 500",
      meaning: "Programs that move data report what they read and wrote through this proxy."),
    ConfigurationOption(
      "ol_proxy_config.dd_url", .products, .domain(\.products.lineage.url), variables: ["DD_OL_PROXY_CONFIG_DD_URL"],
      defaultNote: "`https://data-obs-intake.SITE/api/v1/lineage`",
      summary: "site or intake for OpenLineage",
      meaning: "A domain such as `datadoghq.eu`, or the whole address of an intake with `https://`."),
    ownKey("ol_proxy_config.api_key", \.products.lineage.key, ["DD_OL_PROXY_CONFIG_API_KEY"], of: "OpenLineage"),
    ConfigurationOption(
      "ol_proxy_config.additional_endpoints", .products, .domainEndpoints(\.products.lineage.additional),
      variables: ["DD_OL_PROXY_CONFIG_ADDITIONAL_ENDPOINTS"],
      summary: "further sites that get OpenLineage too, with their keys",
      meaning: "A mapping such as `{\"datadoghq.eu\": [\"KEY\"]}`. Their answers are not passed back."),
    ConfigurationOption(
      "ol_proxy_config.api_version", .products, .integer(\.products.lineageVersion, 0...1_000),
      variables: ["DD_OL_PROXY_CONFIG_API_VERSION"],
      summary: "version of the intake's interface for OpenLineage",
      meaning: "From 2 on it is sent as `api-version` in the query."),
  ]

  private static func address(
    _ name: String, _ path: SettingPath<HTTPURL?>, _ variables: [String], of what: String,
    default note: String, isWhole: Bool = true
  ) -> ConfigurationOption {
    ConfigurationOption(
      name, .products, .url(path), variables: variables, defaultNote: note,
      summary: "intake for \(what)",
      meaning: isWhole ? "The whole address, with its path." : "The client's path is appended.")
  }

  private static func ownKey(
    _ name: String, _ path: SettingPath<APIKey?>, _ variables: [String], of what: String
  ) -> ConfigurationOption {
    ConfigurationOption(
      name, .products, .apiKey(path), variables: variables, defaultNote: "`api_key`",
      summary: "API key for \(what)", meaning: "Where another account than that of `api_key` is to get them.")
  }

  private static func additional(
    _ name: String, _ path: SettingPath<[IntakeEndpoint]>, _ variables: [String], of what: String
  ) -> ConfigurationOption {
    ConfigurationOption(
      name, .products, .endpoints(path), variables: variables,
      summary: "further intakes for \(what), with their keys",
      meaning: """
        A mapping of addresses, written as the first intake's, to lists of keys. They get everything too; their answers are \
        not passed back.
        """)
  }
}
