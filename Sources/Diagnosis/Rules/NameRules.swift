/// RST008 and RST009: the agent's name does not resolve.
enum NameRules {
  private static let dockerName = "host.docker.internal"
  private static let unknown: Set<String> = ["EAI_NONAME", "EAI_NODATA", "EAI_AGAIN", "EAI_FAIL", "ETIMEDOUT"]

  static func unknownName(_ evidence: Evidence) -> [Finding] {
    let failures = evidence.resolutions.filter { failure in
      failure.errorName.map(unknown.contains) == true && !(failure.name == dockerName && isEngineWithoutName(evidence))
    }
    return failures.map { failure in
      finding(failure, because: seen(failure, evidence), evidence)
    }
  }

  private static func finding(_ failure: ResolutionEvidence, because: [String], _ evidence: Evidence) -> Finding {
    let (name, pid) = (failure.name, failure.forPid)
    // Others mean that nobody could be asked.
    let isUnknown = ["EAI_NONAME", "EAI_NODATA"].contains(failure.errorName)
    var fix = [
      "networks: [NETWORK]   # Compose: the same one at the app's service and at the agent's",
      "in Kubernetes, set DD_AGENT_HOST=\(name).NAMESPACE when the agent's service is in another namespace",
    ]
    let isOnThisMachine = evidence.process(pid).map { !$0.isInContainer && evidence.isInOurNetwork($0) } ?? false
    if isOnThisMachine {
      fix.insert(
        evidence.restartOverTCP(evidence.process(pid), note: "the app is in no container: the agent here"), at: 0)
    }
    let whose = pid.map { "pid \($0)" } ?? "the app"
    return Finding(
      "RST008", .problem,
      isUnknown
        ? "`\(name)` is not a known name in the network of \(whose)"
        : "No name server answers \(whose), which asks for `\(name)`",
      because: because, fix: fix, pid: pid, places: [Place(host: name.lowercased(), port: 0)])
  }

  static func dockerInternal(_ evidence: Evidence) -> [Finding] {
    guard isEngineWithoutName(evidence) else { return [] }
    let failures = evidence.resolutions.filter {
      $0.name == dockerName && $0.errorName.map(unknown.contains) == true
    }
    return failures.map { dockerFinding(pid: $0.forPid, seen($0, evidence), evidence) }
      + unlistedInContainers(evidence).map { process, target in
        dockerFinding(
          pid: process.pid,
          [process.sends(to: target), "the hosts file of its container does not have the name, as --add-host would"],
          evidence)
      }
  }

  /// Containers whose name servers cannot be asked from here. Linux engines know the name by the hosts file or not at all.
  private static func unlistedInContainers(
    _ evidence: Evidence
  ) -> [(process: ProcessEvidence, target: ProcessTarget)] {
    evidence.targets.filter { process, target in
      target.address.host == dockerName && process.isInContainer
        && !evidence.resolutions.contains { $0.name == dockerName && $0.forPid == process.pid }
    }
  }

  private static func dockerFinding(pid: Int64?, _ because: [String], _ evidence: Evidence) -> Finding {
    let process = evidence.process(pid)
    let isOutside = process.map { !$0.isInContainer && evidence.isInOurNetwork($0) } ?? false
    let hereFix = Restart(set: [("DD_AGENT_HOST", "127.0.0.1")]).line(process, note: "the app is in no container")
    return Finding(
      "RST009", .problem, "\(dockerName) is not known here: Linux engines do not define it",
      because: because + ["this is Linux, without Docker Desktop"],
      fix: isOutside
        ? [hereFix]
        : [
          "start the app's container anew: docker run --add-host=host.docker.internal:host-gateway and the rest",
          "extra_hosts: [\"host.docker.internal:host-gateway\"]   # the same in a Compose file",
        ],
      pid: pid, places: [Place(host: dockerName, port: 0)])
  }

  private static func isEngineWithoutName(_ evidence: Evidence) -> Bool {
    evidence.host.system == "linux" && !evidence.host.isWSL
  }

  private static func seen(_ failure: ResolutionEvidence, _ evidence: Evidence) -> [String] {
    var because: [String] = []
    if let process = evidence.process(failure.forPid), let target = evidence.target(of: process) {
      because.append(process.sends(to: target))
    }
    if failure.errorName == "ETIMEDOUT" {
      return because + ["the name servers did not answer for \(failure.name) in time"]
    }
    return because + ["getaddrinfo(\"\(failure.name)\") says \(failure.errorName ?? "that it failed")"]
  }
}
