extension Evidence {
  /// What to set so that the process sends to `url`, in the variables that its tracer reads.
  package func agentSetting(_ url: String, for process: ProcessEvidence?) -> String {
    guard let process, let names = TargetSettings(process).namesBeforeURL, let place = Place(url), place.isTCP else {
      return "DD_TRACE_AGENT_URL=\(url)"
    }
    return "\(names.host)=\(place.host) \(names.port)=\(place.port)"
  }

  /// Variables of today that say where the agent is, which the process has and its tracer is too old to read.
  package func unreadAddressNames(_ process: ProcessEvidence) -> [String] {
    guard let names = TargetSettings(process).namesBeforeURL else { return [] }
    let ofToday = ["DD_TRACE_AGENT_URL", "DD_AGENT_HOST", "DD_TRACE_AGENT_PORT"]
    return ofToday.filter { process.setting($0) != nil && $0 != names.host && $0 != names.port }
  }
}
