import Addresses

/// RST010 to RST012: the address is real, but packets do not get an answer from an agent there.
enum NetworkRules {
  static func staleAddress(_ evidence: Evidence) -> [Finding] {
    staleAttempts(evidence).map { attempt, probe, address in
      let isLiteral = attempt.target.host == address
      return Finding(
        "RST010", .problem,
        isLiteral
          ? "\(address) answers no more: the address of a former container"
          : "`\(attempt.target.host)` leads to \(address), which answers no more: the address of a former container",
        because: evidence.usage(attempt) + [
          "\(probe.address): \(failure(probe))",
          "no neighbour has the address \(address) (its ARP entry is empty)",
        ],
        fix: [
          isLiteral
            ? "set DD_AGENT_HOST to the agent's name in the Compose file or cluster instead of its address"
            : "getent hosts \(shellWord(attempt.target.host))   # in the app's container: take the entry out of extra_hosts or its hosts file",
          "docker ps --filter publish=\(attempt.target.port)   # which container has the agent now",
        ],
        explains: ["RST011"], pid: attempt.pid, places: attempt.places)
    }
  }

  private static func staleAttempts(
    _ evidence: Evidence
  ) -> [(attempt: Attempt, probe: ProbeEvidence, address: String)] {
    evidence.attempts.compactMap { attempt in
      guard attempt.first(.answered) == nil,
        let probe = attempt.probes.first(where: { $0.outcome == .unreachable || $0.outcome == .timedOut }),
        let address = probe.target?.host, AddressKind.isPrivateIPv4(address),
        evidence.host.silentNeighbours.contains(address)
      else { return nil }
      return (attempt, probe, address)
    }
  }

  static func silentDrop(_ evidence: Evidence) -> [Finding] {
    var findings = evidence.ownAttempts.compactMap { attempt -> Finding? in
      guard attempt.target.isTCP, let probe = attempt.first(.timedOut), attempt.first(.answered) == nil,
        let address = probe.target
      else { return nil }
      let isGone = evidence.host.silentNeighbours.contains(address.host)
      return drop(
        to: address, of: attempt.places, pid: attempt.pid,
        because: evidence.usage(attempt) + ["\(probe.address): no answer in \(milliseconds(probe.durationMs))"]
          + (isGone ? ["no neighbour has this address: the machine may be off"] : []))
    }
    for process in evidence.processes {
      for connection in process.connections where connection.state == "SYN_SENT" && connection.retransmits > 0 {
        guard !findings.contains(where: { $0.pid == process.pid }) else { continue }
        let address = Place(host: connection.remoteAddress, port: connection.remotePort)
        let isGone = evidence.host.silentNeighbours.contains(address.host)
        findings.append(
          drop(
            to: address, of: [address], pid: process.pid,
            because: [
              "\(process.naming) tries to connect to \(address.text)",
              "its first packet was sent again \(times(connection.retransmits)) without any answer",
            ] + (isGone ? ["no neighbour has this address: the machine may be off"] : [])))
      }
    }
    return findings
  }

  private static func drop(to address: Place, of places: [Place], pid: Int64?, because: [String]) -> Finding {
    Finding(
      "RST011", .problem, "Packets to \(address.text) vanish: a firewall or a network policy drops them",
      because: because,
      fix: [
        "sudo nft list ruleset | grep -n \(address.port)   # on both machines: look for a rule that drops",
        "egress: [{ports: [{protocol: TCP, port: \(address.port)}]}]   # Kubernetes: in the app's NetworkPolicy",
      ], pid: pid, places: places)
  }

  static func noHostPort(_ evidence: Evidence) -> [Finding] {
    evidence.attempts.compactMap { attempt in
      guard let process = evidence.process(attempt.pid), process.setting("KUBERNETES_SERVICE_HOST") != nil,
        let host = process.setting("DD_AGENT_HOST"), AddressKind.isLiteral(host), !AddressKind.isLoopback(host),
        attempt.target.host == host, attempt.isAll(.refused)
      else { return nil }
      let port = attempt.target.port
      return Finding(
        "RST012", .problem, "The node \(host) has no agent on its port \(port)",
        because: evidence.usage(attempt) + [
          "it runs in Kubernetes (KUBERNETES_SERVICE_HOST is set)",
          "\(attempt.target.text) refuses connections: no pod has this host port",
        ],
        fix: [
          "ports: [{containerPort: \(port), hostPort: \(port)}]   # in the agent's DaemonSet",
          "hostNetwork: true   # there, if the cluster's network plug-in ignores hostPort",
          "or mount the node's /var/run/datadog into both, and set DD_TRACE_AGENT_URL=unix:///var/run/datadog/apm.socket",
        ],
        explains: ["RST001"], pid: process.pid)
    }
  }

  private static func failure(_ probe: ProbeEvidence) -> String {
    probe.errorName ?? (probe.outcome == .timedOut ? "no answer in \(milliseconds(probe.durationMs))" : "unreachable")
  }

  private static func milliseconds(_ value: Double) -> String {
    guard value.isFinite, value > 0, value < 1e9 else { return "time" }
    return value < 1000 ? "\(Int(value)) ms" : "\(Int(value) / 1000).\(Int(value) % 1000 / 100) s"
  }

  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
}
