import Diagnosis

extension Collection {
  /// `localhost`, and every host that a setting names, each as the one who uses it would resolve it.
  mutating func resolveNames(
    opening library: () throws(DNSLibrary.Missing) -> DNSLibrary = { () throws(DNSLibrary.Missing) in try DNSLibrary() }
  ) {
    var names: Set<String> = ["localhost"]
    if case .socket(.tcp(let host, _))? = requested?.address { names.insert(host) }
    names.formUnion(request.configuration.hosts.filter { !$0.isEmpty })
    for process in evidence.processes {
      if case .socket(.tcp(let host, _)) = target(of: process).address { names.insert(host) }
    }
    answers = NameResolver.resolve(
      names, in: queriesOfContainers(), within: request.limits.resolving, opening: library)
    if case .addresses(let addresses) = answers[NameResolver.Query(name: "localhost")] {
      evidence.host.localhostAddresses = addresses
    }
    if case .socket(.tcp(let host, _))? = requested?.address { addResolution(host, pid: nil) }
    for entry in found where !entry.evidence.isEnvironmentReadable {
      note("the agent that pid \(entry.raw.pid) is told to send to", "its environment cannot be read")
    }
    for entry in found where entry.evidence.isEnvironmentReadable { resolveTarget(of: entry.raw) }
  }

  /// Names that processes in other networks ask their own name servers for.
  private func queriesOfContainers() -> [NameResolver.Query: NameServers] {
    var queries: [NameResolver.Query: NameServers] = [:]
    for entry in found where entry.evidence.isEnvironmentReadable && inspector.isInOtherNetwork(entry.raw) {
      guard let query = query(of: entry.raw), !inspector.sharesFiles(entry.raw),
        let text = try? inspector.files(of: entry.raw)?.text("/etc/resolv.conf", limit: NameServers.bytesMax)
      else { continue }
      queries[query] = NameServers(text)
    }
    return queries
  }

  /// The agent's name in the network of a process; `nil` for an address, and where its hosts file has the name.
  private func query(of raw: RawProcess) -> NameResolver.Query? {
    guard let process = evidence.processes.first(where: { $0.pid == raw.pid }),
      case .socket(.tcp(let host, _)) = target(of: process).address, !NumericAddress.isOne(host),
      inspector.hostsFile(raw)?.addresses(of: host).isEmpty != false, let file = machine.networkFile(of: raw.pid)
    else { return nil }
    return NameResolver.Query(name: host, network: file)
  }

  private mutating func resolveTarget(of raw: RawProcess) {
    guard let process = evidence.processes.first(where: { $0.pid == raw.pid }),
      case .socket(.tcp(let host, _)) = target(of: process).address
    else { return }
    if NumericAddress.isOne(host) {
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: raw.pid, addresses: [host]))
    } else if !inspector.sharesFiles(raw), let addresses = inspector.hostsFile(raw)?.addresses(of: host),
      !addresses.isEmpty
    {
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: raw.pid, addresses: addresses))
    } else if let query = query(of: raw), let answer = answers[query] {
      addResolution(host, pid: raw.pid, answer)
    } else if let why = whyElsewhere(raw) {
      note("\(host) as pid \(raw.pid) resolves it", "\(why), and so may its name servers be")
    } else {
      addResolution(host, pid: raw.pid)
    }
  }

  /// Why what is reachable here says nothing about a process; `nil` when it is in the doctor's own network.
  func whyElsewhere(_ raw: RawProcess) -> String? {
    if inspector.isInOtherNetwork(raw) { return "it is in another network namespace" }
    let isUnknown = machine.system == "linux" && raw.networkNamespace.isEmpty
    return isUnknown ? "its network namespace may not be read" : nil
  }

  private mutating func addResolution(_ host: String, pid: Int64?) {
    addResolution(host, pid: pid, answers[NameResolver.Query(name: host)] ?? .noAnswerInTime)
  }

  private mutating func addResolution(_ host: String, pid: Int64?, _ answer: NameResolver.Answer) {
    switch answer {
    case .addresses(let addresses):
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: pid, addresses: addresses))
    case .failed(let name):
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: pid, errorName: name))
    case .notAsked(let why):
      note(pid.map { "\(host) as pid \($0) resolves it" } ?? "addresses of \(host)", why)
    case .noAnswerInTime:
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: pid, errorName: "ETIMEDOUT"))
      note("addresses of \(host)", "the name servers did not answer within \(request.limits.resolving)")
    }
  }
}

extension NumericAddress {
  /// Whether a host is an address and no name.
  static func isOne(_ host: String) -> Bool { RouteTable.number(host) != nil || host.contains(":") }
}
