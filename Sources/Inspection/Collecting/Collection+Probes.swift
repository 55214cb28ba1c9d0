import Addresses
import Diagnosis
import Platform

extension Collection {
  /// One setting that leads to a place.
  private struct Attempt {
    let url: String
    let address: String
    let place: SocketAddress
    let pid: Int64?
    /// The file of the network to try it from; empty for the doctor's own.
    var network = ""
  }

  /// What came of the places that were tried from one network.
  private struct Tried: Sendable {
    let results: [SocketAddress: ProbeResult]
    let isFromThere: Bool
  }

  /// Tries every address that our configuration, a process's setting or the given URL leads to.
  mutating func probe() {
    var attempts = ownAttempts()
    if let requested { attempts = self.attempts(url: requested.url, address: requested.address, pid: nil, files: nil) }
    for entry in found where entry.evidence.isEnvironmentReadable { attempts += self.attempts(of: entry.raw) }
    let tried = run(attempts)
    evidence.probes = attempts.compactMap { attempt in
      guard let tried = tried[attempt.network] else {
        note(attempt.address, "it was not to be tried within \(request.limits.probing)")
        return nil
      }
      guard let result = tried.results[attempt.place] else {
        note(attempt.address, "more than \(Prober.placesMax) addresses to try")
        return nil
      }
      var probe = probeEvidence(attempt, result)
      probe.isFromThere = tried.isFromThere
      return probe
    }
  }

  /// Every place from every network, all at the same time; from here where a network may not be entered.
  private func run(_ attempts: [Attempt]) -> [String: Tried] {
    var places: [String: [SocketAddress: String]] = [:]
    for attempt in attempts where places[attempt.network]?[attempt.place] == nil {
      places[attempt.network, default: [:]][attempt.place] = hostHeader(attempt)
    }
    let limits = request.limits
    let works = places.map { network, places in
      let work: @Sendable () -> Tried? = {
        let isFromThere = !network.isEmpty && NetworkNamespace.enter(network)
        return Tried(results: Prober.probe(places, limits: limits), isFromThere: isFromThere)
      }
      return (network, work)
    }
    return ParallelWork.run(Dictionary(uniqueKeysWithValues: works), within: limits.probing)
  }

  private func hostHeader(_ attempt: Attempt) -> String {
    if case .unix = attempt.place { return "localhost" }
    return AgentAddress.of(url: attempt.url).text
  }

  private func probeEvidence(_ attempt: Attempt, _ result: ProbeResult) -> ProbeEvidence {
    var probe = ProbeEvidence(
      url: attempt.url, address: attempt.address, outcome: result.outcome, errorName: result.errorName,
      durationMs: result.durationMs)
    probe.forPid = attempt.pid
    probe.spoken = result.spoken
    if let answer = result.answer {
      probe.httpStatus = answer.status
      probe.server = answer.header("server").map { ProductFingerprint.shown($0) }
      probe.product = ProductFingerprint.of(answer)
    }
    return probe
  }

  /// Where our configuration listens: both loopbacks, whatever it says, and other addresses that it names.
  private func ownAttempts() -> [Attempt] {
    let configuration = request.configuration
    guard configuration.port > 0 else { return ownSocketAttempt() }
    let url = "http://localhost:\(configuration.port)"
    var addresses = ["127.0.0.1", "::1"]
    let everywhere: Set<String> = ["0.0.0.0", "::", "localhost", ""]
    for host in configuration.hosts where !everywhere.contains(host) {
      let resolved =
        if case .addresses(let found) = answers[NameResolver.Query(name: host)] { found } else { [host] }
      addresses += resolved.filter { NumericAddress.isOne($0) && !addresses.contains($0) }
    }
    return addresses.map { host in
      let place = SocketAddress.tcp(host: host, port: UInt16(clamping: configuration.port))
      return Attempt(url: url, address: place.description, place: place, pid: nil)
    } + ownSocketAttempt()
  }

  private func ownSocketAttempt() -> [Attempt] {
    let path = request.configuration.socketPath
    if path.isEmpty { return [] }
    return [Attempt(url: "unix://\(path)", address: path, place: .unix(path: path), pid: nil)]
  }

  private mutating func attempts(of raw: RawProcess) -> [Attempt] {
    guard let process = evidence.processes.first(where: { $0.pid == raw.pid }) else { return [] }
    let target = target(of: process)
    if target.address.isLoopback, let why = whyElsewhere(raw) {
      note("\(target.url) from pid \(raw.pid)", "\(why): its localhost cannot be reached from here")
      return []
    }
    // Through its root the process's own files are reached; the mode of the socket is asked with the doctor's rights.
    if case .socket(.tcp) = target.address, inspector.isInOtherNetwork(raw),
      let network = machine.networkFile(of: raw.pid)
    {
      return attempts(url: target.url, address: target.address, pid: raw.pid, files: nil).map { attempt in
        var attempt = attempt
        attempt.network = network
        return attempt
      }
    }
    let files = inspector.sharesFiles(raw) ? nil : machine.files(asSeenBy: raw.pid)
    return attempts(url: target.url, address: target.address, pid: raw.pid, files: files)
  }

  /// `files` are those of a process that does not see the doctor's.
  private mutating func attempts(url: String, address: AgentAddress, pid: Int64?, files: FileTree?) -> [Attempt] {
    switch address {
    case .unusable: return []
    case .socket(.unix(let path)):
      // The limit is that of the path as it is set, without the way through the process's root.
      if path.utf8.count > SystemSockets.unixPathBytesMax {
        return [Attempt(url: url, address: path, place: .unix(path: path), pid: pid)]
      }
      let reached = files?.path(path) ?? path
      if reached.utf8.count > SystemSockets.unixPathBytesMax {
        note("\(path) as pid \(pid ?? 0) sees it", "the way there is too long for a socket address")
        return []
      }
      return [Attempt(url: url, address: path, place: .unix(path: reached), pid: pid)]
    case .socket(.tcp(let host, let port)):
      let resolution = evidence.resolutions.first { $0.name == host && $0.forPid == pid }
      return (resolution?.addresses ?? []).map {
        let place = SocketAddress.tcp(host: $0, port: port)
        return Attempt(url: url, address: place.description, place: place, pid: pid)
      }
    }
  }
}
