import Addresses

/// RST001 to RST013: addresses, names, containers and networks.
extension Passed {
  static func listening(_ evidence: Evidence) -> String {
    let answers = evidence.ownAttempts.flatMap(\.probes).filter { $0.outcome == .answered }
    let texts = answers.compactMap { probe -> String? in
      guard let target = probe.target else { return nil }
      let who = probe.product.map(\.name) ?? "something"
      return target.isTCP && target.isLoopback
        ? "port \(target.port): \(who) listens" : "\(probe.address): \(who) answers"
    }
    if !texts.isEmpty { return list(texts) }
    let tried = evidence.probes.count
    return tried == 0
      ? "no address was tried" : "\(count(tried, "address", "addresses")) tried, none without a listener"
  }

  static func localhost(_ evidence: Evidence) -> String {
    let addresses = evidence.host.localhostAddresses
    return addresses.isEmpty
      ? "localhost was not looked up" : "localhost stands for \(addresses.joined(separator: ", then "))"
  }

  static func oneOwner(_ evidence: Evidence) -> String {
    let ports = Set(evidence.host.listeners.map(\.port)).sorted()
    let texts = ports.compactMap { port -> String? in
      let owners = evidence.listeners(port: port).map(\.owner).uniqued()
      return owners.count == 1 ? "port \(port) belongs to \(owners[0]) alone" : nil
    }
    return texts.isEmpty ? "no port of interest has two listeners" : list(texts)
  }

  static func sameLocalhost(_ evidence: Evidence) -> String {
    apps(evidence, none: "no app was looked at that could have another localhost") { who in
      evidence.processes.allSatisfy(evidence.isInOurNetwork)
        ? "\(who): in this machine's network" : "\(who): no localhost of its own is meant"
    }
  }

  static func reachableFromOutside(_ evidence: Evidence) -> String {
    let open = evidence.host.listeners.filter { evidence.isOurs($0.networkNamespace) && !$0.isLoopback }
    return open.isEmpty
      ? "no caller comes from outside this machine" : "\(list(open.map(\.text))) takes callers from outside"
  }

  static func answersBehind(_ evidence: Evidence) -> String {
    let open = evidence.ownAttempts.flatMap(\.probes).filter { $0.outcome == .answered }
    return open.isEmpty
      ? "no address tried closes at once" : "\(list(open.map(\.address))): connected, and an answer came"
  }

  static func published(_ evidence: Evidence) -> String {
    let inside = evidence.host.listeners.filter { !evidence.isOurs($0.networkNamespace) }
    return inside.isEmpty
      ? "no agent listens in a container of this machine"
      : "agents in containers (\(list(inside.map(\.text)))) are reached, or not needed here"
  }

  static func resolved(_ evidence: Evidence) -> String {
    let names = evidence.resolutions.filter { $0.errorName == nil }
      .map { "\($0.name) is \($0.addresses.first ?? "known")" }
    return names.isEmpty ? "no name had to be looked up" : list(names)
  }

  static func dockerName(_ evidence: Evidence) -> String {
    targets(evidence) == "no app was looked at"
      ? "no app that is told host.docker.internal was looked at"
      : "none is told host.docker.internal: \(targets(evidence))"
  }

  static func livingAddress(_ evidence: Evidence) -> String {
    let silent = evidence.host.silentNeighbours
    return silent.isEmpty
      ? "every neighbour that was called has answered" : "nothing is sent to the silent \(list(silent))"
  }

  static func fastAnswer(_ evidence: Evidence) -> String {
    let slowest = evidence.probes.max { $0.durationMs < $1.durationMs }
    guard let slowest, slowest.durationMs.isFinite else { return "no address was tried" }
    return
      "\(count(evidence.probes.count, "address", "addresses")) tried, the slowest took \(Int(clamping: slowest.durationMs)) ms"
  }

  static func hostPort(_ evidence: Evidence) -> String {
    let pods = evidence.processes.filter { $0.setting("KUBERNETES_SERVICE_HOST") != nil }
    return pods.isEmpty
      ? "no app was looked at that runs in Kubernetes" : "\(list(pods.map(\.naming))): its node's port is not refused"
  }

  static func inherited(_ evidence: Evidence) -> String {
    apps(evidence, none: "no app was looked at that could have lost a variable") {
      "\($0): has what was set where it was started"
    }
  }
}
