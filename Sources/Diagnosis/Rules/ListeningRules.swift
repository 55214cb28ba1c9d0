import Addresses

/// RST001: nothing listens where traces are sent.
enum ListeningRules {
  /// One finding for each place where every address refused.
  static func nothingListens(_ evidence: Evidence) -> [Finding] {
    var places: [(place: Place, attempts: [Attempt])] = []
    for attempt in evidence.ownAttempts where attempt.target.isTCP && attempt.isAll(.refused) {
      guard let place = place(of: attempt, evidence) else { continue }
      if let index = places.firstIndex(where: { $0.place == place }) {
        places[index].attempts.append(attempt)
      } else {
        places.append((place, [attempt]))
      }
    }
    return places.map { finding($0.place, $0.attempts, evidence) }
  }

  /// Local refusals are reported by port, because the names and addresses of loopback are one place; `nil` when a listener
  /// is there after all, which other diagnoses explain, and when nobody sends there.
  private static func place(of attempt: Attempt, _ evidence: Evidence) -> Place? {
    let port = attempt.target.port
    let addresses = attempt.probes.compactMap(\.target?.host)
    if attempt.target.isLoopback || addresses.allSatisfy(AddressKind.isLoopback) {
      return evidence.isReachableLocally(port: port) || !evidence.isWantedHere(port: port)
        ? nil : Place(host: "localhost", port: port)
    }
    let isOurs = addresses.contains { evidence.outerAddresses.contains($0) }
    if isOurs && !evidence.listeners(port: port).isEmpty { return nil }
    return Place(host: attempt.target.host, port: port)
  }

  private static func finding(_ place: Place, _ attempts: [Attempt], _ evidence: Evidence) -> Finding {
    let pids = attempts.compactMap(\.pid)
    let users = attempts.flatMap { evidence.usage($0) }
    let refusals = attempts.flatMap(\.probes).map {
      "\($0.address) refuses connections (\($0.errorName ?? "ECONNREFUSED"))"
    }
    let others = evidence.listeners(port: place.port).map { "only \($0.text) has a listener: \($0.owner)" }
    return Finding(
      "RST001", .problem,
      place.isLoopback
        ? "Nothing listens on port \(place.port)" : "Nothing listens on port \(place.port) of \(place.host)",
      because: (users + refusals + others + whyNotStarted(evidence)).uniqued(),
      fix: place.isLoopback
        ? localFix(place, evidence.process(pids.first), evidence)
        : [
          "roost serve --non-local-traffic   # on \(place.host), where the traces are sent",
          evidence.roostRun(evidence.process(pids.first), note: "or for this program only, here"),
        ],
      pid: pids.count == 1 ? pids.first : nil, pids: Set(pids), places: [place] + attempts.flatMap(\.places))
  }

  /// Why roost would not start with this configuration.
  private static func whyNotStarted(_ evidence: Evidence) -> [String] {
    evidence.agent == nil
      ? evidence.configuration.problems.filter { $0.hasPrefix("error") }.prefix(3)
        .map { "roost serve does not start with this configuration: \($0)" } : []
  }

  private static func localFix(_ place: Place, _ process: ProcessEvidence?, _ evidence: Evidence) -> [String] {
    if let url = evidence.roostURL ?? evidence.roostSocketURL, Place(url)?.port != place.port {
      return [evidence.restart(process, sendingTo: url, note: "roost listens there")]
    }
    if !whyNotStarted(evidence).isEmpty { return ["roost serve   # tells what to correct, and starts then"] }
    return [
      evidence.serving(portOptions(place.port)),
      evidence.roostRun(
        process, keepsAddress: place.port == evidence.configuration.port,
        note: "or for this program only: starts an agent if none is there"),
    ]
  }
}
