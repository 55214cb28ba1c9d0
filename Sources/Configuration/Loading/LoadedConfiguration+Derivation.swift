extension LoadedConfiguration {
  /// What follows from several options together. Called once, after all have been read.
  mutating func derive() {
    deriveEnv()
    value.isReceiverSocketExplicit = origins["apm_config.receiver_socket"] != nil
    if value.disableFileLogging { value.logFile = nil }
    checkPipelinesWorker()
    listOptionsWithoutEffect()
  }

  private mutating func deriveEnv() {
    guard origins["apm_config.env"] == nil,
      let tag = value.hostTags.first(where: { $0.hasPrefix("env:") && $0.utf8.count > 4 })
    else { return }
    value.defaultEnv = String(tag.dropFirst(4))
    origins["apm_config.env"] = origin(of: "tags")
  }

  /// Options that are read, and parts of their values that change nothing.
  private mutating func listOptionsWithoutEffect() {
    let tags = value.hostTags.filter { !$0.hasPrefix("env:") }
    if !tags.isEmpty {
      addWithoutEffect(
        "tags", origin(of: "tags"), .noMeaning, "tags of this machine; only the first `env:` is used")
    }
    for feature in value.features.subtracting(Self.featuresInUse).sorted() {
      addWithoutEffect(
        "apm_config.features: \(feature)", origin(of: "apm_config.features"), .notYet,
        "a feature that roost does not have")
    }
    if origins["apm_config.max_events_per_second"] != nil {
      addWithoutEffect(
        "apm_config.max_events_per_second", origin(of: "apm_config.max_events_per_second"), .noMeaning,
        "analytics events, which are not extracted")
    }
  }

  /// Names in `apm_config.features` that change something; whoever adds a use of one adds it here.
  static let featuresInUse: Set<String> = ["429", "big_resource", "component2name", "error_rare_sample_tracer_drop"]

  private mutating func checkPipelinesWorker() {
    let key = "observability_pipelines_worker.traces.enabled"
    guard value.usesPipelinesWorker, value.pipelinesWorkerURL == nil else { return }
    report(.error, origin(of: key), key, "is true, but observability_pipelines_worker.traces.url is not set")
  }
}
