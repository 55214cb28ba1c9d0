/// RST059: tracers that say they compute statistics themselves.
enum ClientStatisticsRules {
  private static let leavingItToTheAgent = [(name: "DD_TRACE_STATS_COMPUTATION_ENABLED", value: "false")]

  static func missing(_ evidence: Evidence) -> [Finding] {
    let optOuts = Self.optOuts(evidence)
    return evidence.clientIssues("missing_statistics").map { entry in
      let who = entry.client.isEmpty ? "A client" : entry.client
      let spans = entry.amount == 1 ? "1 span" : "\(Int(clamping: entry.amount)) spans"
      return Finding(
        "RST059", optOuts.isEmpty ? evidence.severity(.warning, of: [entry]) : .note,
        "\(who) says that it computes the statistics of service \(entry.detail) itself, and sends none",
        because: [
          "Datadog-Client-Computed-Stats came with traces, and nothing to /v0.6/stats for a minute: "
            + "\(spans) counted on this machine only"
        ] + entry.age + optOuts,
        fix: [Restart(set: leavingItToTheAgent).line(nil)])
    }
  }

  /// Tracing that is turned off, as for those who use only what else the tracer does, is told to agents in this way.
  private static func optOuts(_ evidence: Evidence) -> [String] {
    evidence.processes.compactMap { process in
      process.setting("DD_APM_TRACING_ENABLED").flatMap {
        ["false", "0"].contains($0.lowercased())
          ? "DD_APM_TRACING_ENABLED=\($0) in \(process.naming): statistics are not wanted" : nil
      }
    }
  }
}
