/// RST027 to RST035: the settings of apps and their tracers.
extension Passed {
  private static let noApp = "no app was looked at"

  static func oneAgent(_ evidence: Evidence) -> String { targets(evidence) }

  static func wellFormed(_ evidence: Evidence) -> String {
    let set = evidence.targets.filter { $0.target.variable != nil }
    return set.isEmpty
      ? "no agent's address is set that could be malformed" : "\(list(set.map(\.target.naming))) is well formed"
  }

  private static func tracerVariables(_ evidence: Evidence) -> Int {
    evidence.processes.reduce(0) { sum, process in
      sum + process.environment.keys.count { name in ["DD_", "DATADOG_", "OTEL_"].contains { name.hasPrefix($0) } }
    }
  }

  static func allRead(_ evidence: Evidence) -> String {
    apps(evidence, none: noApp) {
      "\($0): \(count(tracerVariables(evidence), "tracer variable")), none misspelt or out of date"
    }
  }

  static func noneEmpty(_ evidence: Evidence) -> String {
    apps(evidence, none: noApp) { "\($0): \(count(tracerVariables(evidence), "tracer variable")), none empty" }
  }

  static func turnedOn(_ evidence: Evidence) -> String {
    apps(evidence, none: "roost is configured to take traces") { "\($0): nothing turns tracing off" }
  }

  static func loaded(_ evidence: Evidence) -> String {
    let loaded = evidence.processes.compactMap { process in
      process.tracer.map { tracer in
        let name = tracer.version.isEmpty ? tracer.library : "\(tracer.library) \(tracer.version)"
        return "pid \(process.pid) has \(name)" + (tracer.seenIn.isEmpty ? "" : " (seen in its \(tracer.seenIn))")
      }
    }
    return loaded.isEmpty ? apps(evidence, none: noApp) { "\($0): no sign that its tracer is missing" } : list(loaded)
  }

  static func workersTraced(_ evidence: Evidence) -> String {
    let servers = evidence.processes.filter { process in
      process.commandLine.prefix(3).contains { ["uwsgi", "gunicorn"].contains(commandName($0)) }
    }
    return servers.isEmpty
      ? "no uWSGI or gunicorn was looked at" : "\(list(servers.map(\.naming))): its workers have a tracer's thread"
  }

  static func flushed(_ evidence: Evidence) -> String {
    let clients = evidence.agent?.clients ?? []
    return clients.isEmpty
      ? "no client asked what roost can do and then sent nothing"
      : "\(count(clients.count, "kind of client", "kinds of client")), each of which has sent what it began"
  }

  static func noProxy(_ evidence: Evidence) -> String {
    let proxied = evidence.processes.filter { process in
      ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].contains { process.setting($0) != nil }
    }
    return proxied.isEmpty
      ? apps(evidence, none: "no request came through a proxy") { "\($0): no proxy is set" }
      : "\(list(proxied.map(\.naming))): its proxy does not stand before the agent"
  }
}
