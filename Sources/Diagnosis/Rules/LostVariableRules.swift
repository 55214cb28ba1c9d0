/// RST013: a setting that the process's ancestor has and the process has not.
package enum LostVariableRules {
  package static let diagnoses = [
    Diagnosis(
      id: "RST013", severity: .problem, name: "The variable is set, but not in the process",
      symptoms: [
        "DD_AGENT_HOST is set in the manifest, but traces go to localhost", "nginx ignores DD_AGENT_HOST",
        "DD_SERVICE is not applied", "sudo drops DD_ variables",
      ],
      explanation: """
        A process sees only the variables that its parent hands on. nginx hands none to its workers unless its \
        configuration names them; sudo drops them unless told to keep them; systemd and cron start with an empty set \
        of their own. So a variable may be set in the manifest or in the shell and never reach the tracer.

        Name the variable where the chain breaks.
        """,
      systems: ["linux"], rule: lost)
  ]

  /// Those that decide where traces go; others only how they look.
  private static let targets: Set<String> = [
    "DD_TRACE_AGENT_URL", "DD_AGENT_HOST", "DD_TRACE_AGENT_PORT", "DD_TRACE_AGENT_HOSTNAME",
    "DATADOG_TRACE_AGENT_HOSTNAME", "DATADOG_TRACE_AGENT_PORT",
  ]

  private static func lost(_ evidence: Evidence) -> [Finding] {
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
      return ["sudo --preserve-env=\(names.joined(separator: ",")) \(process.pasteableCommand)"]
    }
    if ancestor == "systemd" {
      return names.map { "Environment=\($0)=VALUE" } + [
        "# above, in the unit's [Service] part; then: systemctl daemon-reload"
      ]
    }
    let settings = names.map { "\($0)=\"$\($0)\"" }.joined(separator: " ")
    return ["env \(settings) \(process.pasteableCommand)   # where `\(ancestor)` starts it"]
  }
}
