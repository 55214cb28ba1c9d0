import Addresses

/// All probes of one URL for one of its users: the addresses that a name stands for, tried one by one.
package struct Attempt: Sendable {
  /// As its user wrote it.
  package let url: String
  /// The host and port, or the socket's path, that `url` stands for.
  package let target: Place
  /// The process that uses it; `nil` for our own configuration or what was asked for.
  package let pid: Int64?
  /// In the order in which they were tried.
  package var probes: [ProbeEvidence]

  /// Not one address answered otherwise.
  package func isAll(_ outcome: ProbeEvidence.Outcome) -> Bool { probes.allSatisfy { $0.outcome == outcome } }

  /// The first probe that ended so.
  package func first(_ outcome: ProbeEvidence.Outcome) -> ProbeEvidence? { probes.first { $0.outcome == outcome } }
}

extension ProbeEvidence {
  /// The one address it went to; `nil` when the text cannot be read as one.
  package var target: Place? { Place(address) }
}

extension Evidence {
  /// `pid 812 (python app.py) sends to http://agent:8126 (DD_AGENT_HOST)`; nothing for what no process uses.
  package func usage(_ attempt: Attempt) -> [String] {
    guard let pid = attempt.pid else { return [] }
    if let process = process(pid), let target = target(of: process), target.address == attempt.target {
      return [process.sends(to: target)]
    }
    return ["\(naming(pid)) sends to \(attempt.url)"]
  }

  /// The probes by URL and user, in the order in which they were first seen.
  package var attempts: [Attempt] {
    var attempts: [Attempt] = []
    for probe in probes {
      if let index = attempts.firstIndex(where: { $0.url == probe.url && $0.pid == probe.forPid }) {
        attempts[index].probes.append(probe)
      } else if let target = Place(probe.url) {
        attempts.append(Attempt(url: probe.url, target: target, pid: probe.forPid, probes: [probe]))
      }
    }
    return attempts
  }

  /// Attempts whose outcome is what their user would see too: the probes went out from the same network.
  package var ownAttempts: [Attempt] {
    attempts.filter { attempt in
      guard let pid = attempt.pid, let process = process(pid) else { return true }
      return isInOurNetwork(process) || attempt.probes.allSatisfy(\.isFromThere)
    }
  }

  /// Whether an agent answers where the process sends, as far as that was tried.
  package func reachesAgent(_ process: ProcessEvidence) -> Bool {
    attempts.contains { attempt in
      attempt.pid == process.pid
        && attempt.probes.contains { $0.product?.isAgent == true }
    }
  }

  /// Whether anyone needs an agent on this machine's `port`: a process or a log line that sends there. With nobody to go
  /// by, it is needed.
  package func isWantedHere(port: Int) -> Bool {
    let wanted = targets.map(\.target.address) + log.compactMap(\.target)
    return wanted.isEmpty || wanted.contains { $0.isLoopback && $0.port == port }
  }

  /// Whether something listens or answers on this machine at a loopback address and port, by probe or by table.
  package func isReachableLocally(port: Int) -> Bool {
    ownAttempts.flatMap(\.probes).contains { probe in
      guard let target = probe.target, target.isLoopback, target.port == port else { return false }
      return probe.outcome != .refused
    } || listeners(port: port).contains { AddressKind.isLoopback($0.address) || $0.isEverywhere }
  }
}

extension ProductEvidence {
  /// It takes traces in the formats of Datadog's tracers.
  package var isAgent: Bool { ["roost", "datadog-agent", "ddapm-test-agent"].contains(name) }
}
