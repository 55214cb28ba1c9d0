import Text

/// Variables of tracers: which are read, which were once, and what a misspelled one was meant to be.
package enum TracerVariables {
  /// A name that is old, was suggested somewhere, or belongs to the agent, and what to write instead.
  package struct Legacy: Sendable {
    package let name: String
    package let replacement: String
    /// Languages whose tracers read it, today or in releases that are still met. For them it is only old.
    package let readBy: Set<String>
    /// The first major release of ddtrace (Python) that no longer reads it; `nil` when all do that ever did.
    package let unreadSince: Int?
    /// Whose it is, or was.
    package let origin: String
    /// It says where the agent is: when nobody reads it, traces go somewhere else.
    package var isAddress: Bool {
      ["DD_AGENT_HOST", "DD_TRACE_AGENT_PORT", "DD_TRACE_AGENT_URL"].contains(replacement)
    }

    /// Some release of its language's tracer reads it, and none that is known to be later than that is loaded.
    func isRead(by process: ProcessEvidence) -> Bool {
      guard readBy.contains(process.language) else { return false }
      guard process.language == "python", let unreadSince else { return true }
      return process.anyTracer?.isAtLeast(unreadSince, 0) != true
    }

    init(
      _ name: String, _ replacement: String, readBy: Set<String> = [], unreadSince: Int? = nil, _ origin: String
    ) {
      self.name = name
      self.replacement = replacement
      self.readBy = readBy
      self.unreadSince = unreadSince
      self.origin = origin
    }
  }

  /// Names that guides, support threads and old releases gave.
  package static let legacy: [Legacy] = [
    Legacy("DD_AGENT_HOSTNAME", "DD_AGENT_HOST", "no tracer reads it"),
    Legacy("DDAGENT_HOSTNAME", "DD_AGENT_HOST", "of an old example; no tracer reads it"),
    Legacy("DD_AGENT_ADDR", "DD_AGENT_HOST", "no tracer reads it"),
    Legacy("DD_AGENT_URL", "DD_TRACE_AGENT_URL", "no tracer reads it"),
    Legacy("DD_APM_AGENT_URL", "DD_TRACE_AGENT_URL", "no tracer reads it"),
    Legacy("DD_TRACE_URL", "DD_TRACE_AGENT_URL", readBy: ["nodejs"], "an old name of dd-trace for Node"),
    Legacy(
      "DATADOG_TRACE_AGENT_HOSTNAME", "DD_AGENT_HOST", readBy: ["python", "dotnet"], unreadSince: 1,
      "ddtrace's name before 2018"),
    Legacy(
      "DD_TRACE_AGENT_HOSTNAME", "DD_AGENT_HOST", readBy: ["python", "nodejs", "php", "dotnet"],
      "a name between the old and the new one"),
    Legacy("DD_TRACE_AGENT_HOST", "DD_AGENT_HOST", "no tracer reads it"),
    Legacy(
      "DATADOG_TRACE_AGENT_PORT", "DD_TRACE_AGENT_PORT", readBy: ["python", "dotnet"], unreadSince: 1,
      "ddtrace's name before 2018"),
    Legacy(
      "DATADOG_TRACE_AGENT_URL", "DD_TRACE_AGENT_URL", readBy: ["python"], unreadSince: 1, "ddtrace's name before 2020"),
    Legacy("DD_BIND_HOST", "DD_AGENT_HOST", "the agent's own setting: where it listens"),
    Legacy("DD_RECEIVER_PORT", "DD_TRACE_AGENT_PORT", "the agent's own setting, and old there"),
    Legacy("DD_APM_RECEIVER_PORT", "DD_TRACE_AGENT_PORT", "the agent's own setting: where it listens"),
    Legacy(
      "DATADOG_SERVICE_NAME", "DD_SERVICE", readBy: ["python", "ruby"], unreadSince: 1, "ddtrace's name before 2020"),
    Legacy(
      "DD_SERVICE_NAME", "DD_SERVICE", readBy: ["python", "php", "dotnet", "java", "nodejs"], unreadSince: 1,
      "the name before 2020"),
    Legacy("DATADOG_ENV", "DD_ENV", readBy: ["python"], unreadSince: 1, "ddtrace's name before 2020"),
    Legacy("DD_TRACE_ENV", "DD_ENV", "no tracer reads it"),
    Legacy("DD_SERVICE_ENV", "DD_ENV", "no tracer reads it any more"),
    Legacy("DD_ENVIRONMENT", "DD_ENV", "no tracer reads it"),
    Legacy("DD_SERVICE_VERSION", "DD_VERSION", "no tracer reads it"),
    Legacy(
      "DATADOG_TRACE_ENABLED", "DD_TRACE_ENABLED", readBy: ["python"], unreadSince: 1, "ddtrace's name before 2020"),
    Legacy("DATADOG_TRACE_DEBUG", "DD_TRACE_DEBUG", readBy: ["python"], unreadSince: 1, "ddtrace's name before 2020"),
    Legacy(
      "DATADOG_PATCH_MODULES", "DD_PATCH_MODULES", readBy: ["python"], unreadSince: 1, "ddtrace's name before 2020"),
    Legacy("DD_TRACE_SAMPLING_RATE", "DD_TRACE_SAMPLE_RATE", "no tracer reads it"),
    Legacy("DD_SAMPLE_RATE", "DD_TRACE_SAMPLE_RATE", "no tracer reads it"),
    Legacy(
      "DD_TRACE_GLOBAL_TAGS", "DD_TAGS", readBy: ["python", "php", "dotnet", "java"], unreadSince: 4,
      "the name before 2020"),
  ]

  /// Names that people write by hand: what a misspelled one is compared with.
  static let known: [String] = [
    "DD_AGENT_HOST", "DD_TRACE_AGENT_URL", "DD_TRACE_AGENT_PORT", "DD_SERVICE", "DD_ENV", "DD_VERSION", "DD_TAGS",
    "DD_SITE", "DD_API_KEY", "DD_TRACE_ENABLED", "DD_APM_TRACING_ENABLED", "DD_TRACE_DEBUG", "DD_TRACE_STARTUP_LOGS",
    "DD_TRACE_SAMPLE_RATE", "DD_TRACE_SAMPLING_RULES", "DD_TRACE_RATE_LIMIT", "DD_SPAN_SAMPLING_RULES",
    "DD_LOGS_INJECTION", "DD_RUNTIME_METRICS_ENABLED", "DD_PROFILING_ENABLED", "DD_APPSEC_ENABLED",
    "DD_DOGSTATSD_PORT", "DD_DOGSTATSD_URL", "DD_DOGSTATSD_SOCKET", "DD_PATCH_MODULES", "DD_SERVICE_MAPPING",
    "DD_TRACE_PROPAGATION_STYLE", "DD_TRACE_PARTIAL_FLUSH_ENABLED", "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS",
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED", "DD_REMOTE_CONFIGURATION_ENABLED", "DD_TRACE_OTEL_ENABLED",
    "DD_TRACE_CLI_ENABLED", "DD_TRACE_API_VERSION", "DD_TRACE_HEADER_TAGS", "DD_HOSTNAME", "DD_APM_ENABLED",
    "DD_APM_NON_LOCAL_TRAFFIC", "DD_APM_RECEIVER_PORT", "DD_APM_RECEIVER_SOCKET", "DD_APM_DD_URL",
    "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER", "OTEL_SDK_DISABLED",
    "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  ]

  /// Names that exist although they look like a slip in one of `known`.
  private static let lookalikes: Set<String> = [
    "DD_AGENT_PORT", "DD_APP_KEY", "DD_DOGSTATSD_HOST", "DD_URL", "DD_TAG", "DD_APM_ENV", "DD_APM_DEBUG",
  ]

  /// What `name` was meant to be; `nil` when it is a name of its own or like none.
  package static func meant(by name: String) -> String? {
    guard name.hasPrefix("DD_") || name.hasPrefix("OTEL_") || name.hasPrefix("DATADOG_") || name.hasPrefix("DD"),
      !known.contains(name), !lookalikes.contains(name), !legacy.contains(where: { $0.name == name })
    else { return nil }
    guard let near = SpellingDistance.nearest(to: name, of: known),
      let slips = SpellingDistance.between(name, near)
    else { return nil }
    // Two slips turn the last word of a short name into many others.
    return near.utf8.count < 10 && slips > 1 ? nil : near
  }
}
