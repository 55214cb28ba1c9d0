extension LoadedConfiguration {
  /// What follows from several options together. Called once, after all have been read.
  mutating func derive() {
    deriveEnv()
    value.isReceiverSocketExplicit = origins["apm_config.receiver_socket"] != nil
    if value.disableFileLogging { value.logFile = nil }
    checkPipelinesWorker()
  }

  private mutating func deriveEnv() {
    guard origins["apm_config.env"] == nil,
      let tag = value.hostTags.first(where: { $0.hasPrefix("env:") && $0.utf8.count > 4 })
    else { return }
    value.defaultEnv = String(tag.dropFirst(4))
    origins["apm_config.env"] = origin(of: "tags")
  }

  private mutating func checkPipelinesWorker() {
    let key = "observability_pipelines_worker.traces.enabled"
    guard value.usesPipelinesWorker, value.pipelinesWorkerURL == nil else { return }
    report(.error, origin(of: key), key, "is true, but observability_pipelines_worker.traces.url is not set")
  }
}
