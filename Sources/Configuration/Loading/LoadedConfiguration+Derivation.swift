import Addresses

extension LoadedConfiguration {
  /// What follows from several options together. Called once, after all have been read.
  mutating func derive() {
    deriveEnv()
    deriveSocketPath()
    deriveIntakeAddress()
    value.isReceiverSocketExplicit = origins["apm_config.receiver_socket"] != nil
    if value.disableFileLogging { value.logFile = nil }
    checkSite()
    checkPipelinesWorker()
    checkRules()
    listOptionsWithoutEffect()
  }

  private mutating func deriveEnv() {
    guard origins["apm_config.env"] == nil,
      let tag = value.allHostTags.first(where: { $0.key == "env" && !$0.value.isEmpty })
    else { return }
    value.defaultEnv = tag.value
    origins["apm_config.env"] = origin(of: value.hostTags.contains(tag.text) ? "tags" : "extra_tags")
  }

  /// Tracers are given their socket as a URL, so that it is written here too.
  private mutating func deriveSocketPath() {
    let scheme = "unix://"
    guard value.receiverSocket.lowercased().hasPrefix(scheme) else { return }
    value.receiverSocket.removeFirst(scheme.count)
    guard !value.receiverSocket.isEmpty else {
      let option = "apm_config.receiver_socket"
      return report(.error, origin(of: option), option, "names no path; an empty text turns the socket off")
    }
    let path = QuotedText.escaped(value.receiverSocket)
    warn("apm_config.receiver_socket", "is a path, not an address; \(path) is used")
  }

  /// An address with the endpoint of traces or statistics behind it: roost adds that itself.
  private mutating func deriveIntakeAddress() {
    if let base = value.intakeURL?.withoutEndpoint {
      value.intakeURL = base
      warn("apm_config.apm_dd_url", "names an endpoint, which roost adds itself; \(base) is used")
    }
    if let base = value.pipelinesWorkerURL?.withoutEndpoint {
      value.pipelinesWorkerURL = base
      warn(
        "observability_pipelines_worker.traces.url", "names an endpoint, which roost adds itself; \(base) is used")
    }
  }

  /// Options that are read, and parts of their values that change nothing.
  private mutating func listOptionsWithoutEffect() {
    listFeaturesWithoutEffect()
  }

  private mutating func listFeaturesWithoutEffect() {
    let (option, origin) = ("apm_config.features", origin(of: "apm_config.features"))
    for feature in value.features.subtracting(Self.featuresInUse).sorted().prefix(UnknownNames.reportedMax) {
      let isKnown = Self.featuresOfTraceAgent.contains(feature)
      addWithoutEffect(
        "\(option): \(feature)", origin, isKnown ? .notYet : .unknown,
        isKnown ? "a feature that roost does not have" : "unknown feature")
      if !isKnown { warn(option, "unknown feature \(QuotedText.escaped(feature))") }
    }
  }

  /// A site that Datadog has opened lately, or one that is misspelt.
  private mutating func checkSite() {
    guard DatadogSite.isUnknown(value.site) else { return }
    warn(
      "site",
      "\(QuotedText.quoted(value.site)) is none of the sites that roost knows; traces are sent there all the same")
  }

  /// A variable's name says which option it is about; the place in a file does not.
  private mutating func warn(_ option: String, _ message: String) {
    let origin = origin(of: option)
    if case .file = origin {
      report(.warning, origin, option, message)
    } else {
      report(.warning, origin, nil, message)
    }
  }

  /// Names in `apm_config.features` that Datadog's trace-agent obeys and roost does not.
  private static let featuresOfTraceAgent: Set<String> = [
    "sql_cache", "skip_ssl_validation", "enable_cid_stats", "disable_cid_stats", "convert-traces",
  ]

  /// Names in `apm_config.features` that change something; whoever adds a use of one adds it here.
  static let featuresInUse: Set<String> = [
    "429", "big_resource", "component2name", "error_rare_sample_tracer_drop", "table_names", "quantize_sql_tables",
    "keep_sql_alias", "dollar_quoted_func", "sqllexer", "probabilistic_sampler_full_trace_id",
    "enable_otlp_compute_top_level_by_span_kind", "disable_otlp_compute_top_level_by_span_kind",
    "enable_receive_resource_spans_v2", "disable_receive_resource_spans_v2",
    "enable_operation_and_resource_name_logic_v2", "disable_operation_and_resource_name_logic_v2",
  ]

  /// Rules that Datadog's trace-agent takes, too, and that do not do what they seem to.
  private mutating func checkRules() {
    for (index, rule) in value.replaceRules.enumerated() {
      if let name = rule.replacement.missingGroups.first {
        warn(
          "apm_config.replace_tags",
          "rule \(index + 1): the pattern has no group \(QuotedText.quoted(name)), so that nothing stands for it in "
            + "\(QuotedText.quoted(rule.replacement.text)); ${1} ends a group's name")
      }
    }
    checkShadowed("reject", value.filterTagsRegexReject.map(\.key), value.filterTagsReject)
    checkShadowed("require", value.filterTagsRegexRequire.map(\.key), value.filterTagsRequire)
  }

  private mutating func checkShadowed(_ list: String, _ keys: [String], _ exact: [String]) {
    let exactKeys = exact.map { String(ListText.trimmed($0.prefix { $0 != ":" })) }
    for key in keys where exactKeys.contains(key) {
      warn(
        "apm_config.filter_tags_regex.\(list)",
        "\(QuotedText.quoted(key)) has no effect beside the same tag in apm_config.filter_tags.\(list)")
    }
  }

  private mutating func checkPipelinesWorker() {
    let key = "observability_pipelines_worker.traces.enabled"
    guard value.usesPipelinesWorker, value.pipelinesWorkerURL == nil else { return }
    report(.error, origin(of: key), key, "is true, but observability_pipelines_worker.traces.url is not set")
  }
}
