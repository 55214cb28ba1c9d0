extension OptionExample {
  static let products: [OptionExample] =
    intake("apm_config.profiling_") + intake("apm_config.telemetry.")
    + ["debugger_", "debugger_diagnostics_", "symdb_"].flatMap { name in
      intake("apm_config.\(name)") + [key("apm_config.\(name)api_key")]
    }
    + ["evp_proxy_config.", "ol_proxy_config."].flatMap { name in
      [
        row("\(name)enabled", "false", standard: "true", refused: ("maybe", "\"maybe\" is not true or false")),
        row(
          "\(name)dd_url", "datadoghq.eu", shown: "https://datadoghq.eu", standard: "none",
          refused: ("a b", "not an address: it holds spaces or characters that an address cannot have")),
        key("\(name)api_key"),
        row(
          "\(name)additional_endpoints", #"{"datadoghq.eu": ["0123456789abcdef0123456789abcdef"]}"#,
          shown: "https://datadoghq.eu …cdef", standard: "none",
          refused: ("datadoghq.eu", "a mapping of addresses to lists of keys is expected")),
      ]
    } + [
      row(
        "apm_config.profiling_receiver_timeout", "7", standard: "5",
        refused: ("31", "31 is out of range (1 to 30 seconds)")),
      row(
        "apm_config.telemetry.enabled", "false", standard: "true", refused: ("maybe", "\"maybe\" is not true or false")),
      key("evp_proxy_config.app_key"),
      row(
        "evp_proxy_config.max_payload_size", "5242880", standard: "10000000",
        refused: ("0", "0 is out of range (1 to 1073741824)")),
      row(
        "evp_proxy_config.receiver_timeout", "7", standard: "30",
        refused: ("31", "31 is out of range (1 to 30 seconds)")),
      row("ol_proxy_config.api_version", "2", standard: "0", refused: ("-1", "-1 is out of range (0 to 1000)")),
      row(
        "remote_configuration.enabled", "false", standard: "true",
        refused: ("maybe", "\"maybe\" is not true or false")),
    ]

  private static func key(_ name: String) -> OptionExample {
    row(name, "0123456789abcdef0123456789abcdef", shown: "…cdef", standard: "none")
  }

  private static func intake(_ name: String) -> [OptionExample] {
    [
      row(
        "\(name)dd_url", "https://intake.example/x", standard: "none",
        refused: ("intake.example", "not an address: it must start with http:// or https://")),
      row(
        "\(name)additional_endpoints", #"{"https://intake.example": ["0123456789abcdef0123456789abcdef"]}"#,
        shown: "https://intake.example …cdef", standard: "none",
        refused: ("x", "a mapping of addresses to lists of keys is expected")),
    ]
  }
}
