extension Collection {
  /// `localhost`, and every host that a setting names, each as the one who uses it would resolve it.
  mutating func resolveNames() {
    var names: Set<String> = ["localhost"]
    if case .url(let url) = request.subject, case .tcp(let host, _) = AgentAddress.of(url: url) { names.insert(host) }
    names.formUnion(request.configuration.hosts.filter { !$0.isEmpty })
    for process in evidence.processes {
      if case .tcp(let host, _) = target(of: process).address { names.insert(host) }
    }
    answers = NameResolver.resolve(names, within: request.limits.resolving)
    if case .addresses(let addresses) = answers["localhost"] { evidence.host.localhostAddresses = addresses }
    if case .url(let url) = request.subject, case .tcp(let host, _) = AgentAddress.of(url: url) {
      addResolution(host, pid: nil)
    }
    for entry in found { resolveTarget(of: entry.raw) }
  }

  private mutating func resolveTarget(of raw: RawProcess) {
    guard let process = evidence.processes.first(where: { $0.pid == raw.pid }),
      case .tcp(let host, _) = target(of: process).address
    else { return }
    if NumericAddress.isOne(host) {
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: raw.pid, addresses: [host]))
    } else if !inspector.sharesFiles(raw), let addresses = inspector.hostsFile(raw)?.addresses(of: host),
      !addresses.isEmpty
    {
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: raw.pid, addresses: addresses))
    } else if inspector.isInOtherNetwork(raw) || (machine.system == "linux" && raw.networkNamespace.isEmpty) {
      note("\(host) as pid \(raw.pid) resolves it", "its name servers belong to another network")
    } else {
      addResolution(host, pid: raw.pid)
    }
  }

  private mutating func addResolution(_ host: String, pid: Int64?) {
    switch answers[host] ?? .noAnswerInTime {
    case .addresses(let addresses):
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: pid, addresses: addresses))
    case .failed(let name):
      evidence.resolutions.append(ResolutionEvidence(name: host, forPid: pid, errorName: name))
    case .noAnswerInTime:
      note("addresses of \(host)", "the name servers did not answer within \(request.limits.resolving)")
    }
  }
}

extension NumericAddress {
  /// Whether a host is an address and no name.
  static func isOne(_ host: String) -> Bool { RouteTable.number(host) != nil || host.contains(":") }
}
