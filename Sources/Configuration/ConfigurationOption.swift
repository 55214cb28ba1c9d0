/// One row of the table of options: everything about an option that parsing, help and documentation need.
package struct ConfigurationOption: Sendable {
  /// A place where a value can be written.
  package enum Source: Sendable, Equatable {
    /// An environment variable, by name.
    case variable(String)
    /// A path in `datadog.yaml`, lower case, parts joined by dots.
    case key(String)
  }

  /// Names that a newer one stands for, as Datadog's documentation has it; they are read all the same.
  static let deprecatedNames: Set<String> = [
    "DD_APM_MAX_TPS", "DD_MAX_TPS", "apm_config.max_traces_per_second", "DD_MAX_EPS", "DD_RECEIVER_PORT",
    "DD_IGNORE_RESOURCE", "apm_config.api_key", "DD_APM_PEER_SERVICE_AGGREGATION",
    "apm_config.peer_service_aggregation", "apm_config.max_catalog_services", "DD_VECTOR_TRACES_ENABLED",
    "vector.traces.enabled", "DD_VECTOR_TRACES_URL", "vector.traces.url",
  ]

  /// A flag of `roost serve`.
  package struct Flag: Sendable, Equatable {
    /// The flag with its two dashes: `--port`.
    package let name: String
    /// What follows it, such as `PORT`; nil for a switch, which stands for `true`.
    package let placeholder: String?
    /// Whether it may stand alone for `true`; what follows it then follows an equals sign.
    package let isValueOptional: Bool

    /// As help shows it: `--port PORT`, `--web[=ADDRESS]`.
    package var usage: String {
      guard let placeholder else { return name }
      return isValueOptional ? "\(name)[=\(placeholder)]" : "\(name) \(placeholder)"
    }
  }

  /// Under which heading of help and documentation it appears.
  package enum Topic: String, Sendable, CaseIterable {
    case general = "General"
    case receiver = "Receiver"
    case processing = "Processing"
    case obfuscation = "Obfuscation"
    case sampling = "Sampling"
    case statistics = "Statistics"
    case forwarding = "Forwarding"
    case products = "Other products"
    case agent = "Agent"
  }

  /// The YAML path, or the first variable for an option without one. Unique.
  package let name: String
  /// Where it can be written, in order of precedence. A flag comes before all of them.
  package let sources: [Source]
  /// Nil when it has none.
  package let flag: Flag?
  /// The heading that help and documentation list the option under.
  package let topic: Topic
  /// Type, unit, range and the field it fills.
  package let slot: OptionSlot
  /// One line for `--help`, without a final stop.
  package let summary: String
  /// A paragraph for the documentation: what happens, for whom it matters.
  package let meaning: String
  /// For a default that is no plain value, such as `half of the processors`.
  package let defaultNote: String?
  /// False where an empty text means something other than not set.
  package let isEmptyUnset: Bool
  /// True for options that the Datadog trace-agent does not have.
  package let isOwn: Bool

  /// A row whose sources are its variables, then its key, then `olderKeys`, unless `sources` gives another order.
  init(
    _ name: String, _ topic: Topic, _ slot: OptionSlot, variables: [String] = [], olderKeys: [String] = [],
    sources: [Source]? = nil, flag: (name: String, placeholder: String?)? = nil,
    isFlagValueOptional: Bool = false, defaultNote: String? = nil, isEmptyUnset: Bool = true, isOwn: Bool = false,
    summary: String, meaning: String
  ) {
    self.name = name
    self.topic = topic
    self.slot = slot
    self.sources = sources ?? variables.map(Source.variable) + ([name] + olderKeys).map(Source.key)
    self.flag = flag.map {
      Flag(name: $0.name, placeholder: $0.placeholder, isValueOptional: isFlagValueOptional)
    }
    self.defaultNote = defaultNote
    self.isEmptyUnset = isEmptyUnset
    self.isOwn = isOwn
    self.summary = summary
    self.meaning = meaning
  }

  /// Variables that set it, in order of precedence.
  package var variables: [String] {
    sources.compactMap { if case .variable(let name) = $0 { name } else { nil } }
  }

  /// YAML paths that set it, in order of precedence.
  package var keys: [String] {
    sources.compactMap { if case .key(let path) = $0 { path } else { nil } }
  }

  /// What to write in place of a deprecated name: a variable for a variable, a key for a key; nil for other names.
  func newerName(for written: String) -> String? {
    guard Self.deprecatedNames.contains(written) else { return nil }
    return variables.contains(written) ? variables.first : name
  }

  /// The default as a person reads it.
  package var defaultText: String { defaultNote ?? slot.text(in: AgentConfiguration()) }
}
