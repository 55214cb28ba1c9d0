/// RST013: a setting that the process's ancestor has and the process has not.
enum LostVariableRules {
  /// Those that decide where traces go; others only how they look.
  private static let targets: Set<String> = [
    "DD_TRACE_AGENT_URL", "DD_AGENT_HOST", "DD_TRACE_AGENT_PORT", "DD_TRACE_AGENT_HOSTNAME",
    "DATADOG_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_PORT",
  ]

  static func lost(_ evidence: Evidence) -> [Finding] {
    evidence.processes.filter(\.isEnvironmentReadable).flatMap { process in
      process.lostVariables.sorted { $0.key < $1.key }.compactMap { ancestor, names in
        // With a target of its own the process needs no other's; the rest of the settings stands for itself.
        let hasTarget = targets.contains { process.setting($0) != nil }
        let names = names.filter { $0.hasPrefix("DD_") || $0.hasPrefix("DATADOG_") }
          .filter { process.environment[$0] == nil && !(hasTarget && targets.contains($0)) }.sorted()
        guard !names.isEmpty else { return nil }
        let isTarget = names.contains(where: targets.contains)
        let list = names.joined(separator: ", ")
        return Finding(
          "RST013", isTarget ? .problem : .warning,
          "\(list) \(names.count == 1 ? "is" : "are") set in `\(ancestor)`, but not in pid \(process.pid)",
          because: [
            "\(ancestor), which started it, has \(list)", "\(process.naming) has no such variable",
          ],
          fix: fix(ancestor, names, process), explains: isTarget ? ["RST001", "RST004"] : [], pid: process.pid)
      }
    }
  }

  private static func fix(_ ancestor: String, _ names: [String], _ process: ProcessEvidence) -> [String] {
    if process.name == "nginx" || ancestor == "nginx" {
      return names.map { "env \($0);" } + [
        "# above, at the top of nginx.conf, outside of any block; then: nginx -s reload"
      ]
    }
    if ancestor == "sudo" {
      let restart = Restart(before: ["sudo", "--preserve-env=\(names.joined(separator: ","))"])
      return [restart.line(process, note: "where they are set")]
    }
    if ancestor == "systemd" {
      return names.map { "Environment=\($0)=VALUE" } + [
        "# above, in the unit's [Service] part; then: systemctl daemon-reload"
      ]
    }
    let list = names.joined(separator: ", ")
    return [
      "let `\(ancestor)` hand \(list) on to the app, or set \(names.count == 1 ? "it" : "them") where it starts it"
    ]
  }
}
