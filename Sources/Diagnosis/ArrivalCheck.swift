/// Where a rule and what the agent has received disagree, the agent is right.
struct ArrivalCheck {
  let evidence: Evidence

  /// A tracer that has something to send does so every second or two.
  private static let recentSeconds = 10.0

  /// The finding as it stands beside what arrived: a note when traces came from each process that it is about, and a
  /// warning when they came some time ago or it is not known whether they came.
  func checked(_ finding: Finding, of diagnosis: Diagnosis) -> Finding {
    guard finding.deniesArrival || diagnosis.keepsTracesAway && finding.severity == .problem, !finding.pids.isEmpty
    else { return finding }
    let pids = finding.pids.sorted()
    let arrivals = pids.compactMap { pid in evidence.arrival(from: pid).map { (pid: pid, arrival: $0) } }
    let others = pids.filter { pid in !arrivals.contains { $0.pid == pid } }
    var checked = finding
    checked.because += arrivals.map { "roost received \($0.arrival.text) from pid \($0.pid) or what it started" }
    checked.because += others.compactMap(doubt)
    guard others.allSatisfy(mayBeForgotten) else { return checked }
    checked.explains = []
    let isDisproved = others.isEmpty && arrivals.allSatisfy { disproves($0.arrival, diagnosis.disproof) }
    checked.isArrivalUncertain = !isDisproved
    checked.severity = isDisproved ? .note : min(finding.severity, .warning)
    let named = isDisproved || others.isEmpty ? pids : others
    let names = named.prefix(3).map(String.init).joined(separator: ", ") + (named.count > 3 ? ", …" : "")
    checked.title =
      if isDisproved {
        "Looks wrong, but traces of pid \(names) arrive: \(finding.title)"
      } else if others.isEmpty {
        "Looks wrong, but traces of pid \(names) arrived earlier: \(finding.title)"
      } else {
        "Looks wrong, but whether traces of pid \(names) arrive is not known: \(finding.title)"
      }
    return checked
  }

  private func disproves(_ arrival: Arrival, _ disproof: Diagnosis.Disproof) -> Bool {
    disproof == .anyArrival || arrival.lastSeenSecondsAgo <= Self.recentSeconds
  }

  private func mayBeForgotten(_ pid: Int64) -> Bool { evidence.process(pid).map(evidence.mayBeForgotten) ?? false }

  /// What may have come from a process without being proof.
  private func doubt(_ pid: Int64) -> String? {
    guard let process = evidence.process(pid) else { return nil }
    if let arrival = evidence.possibleArrival(from: process) {
      return "roost received \(arrival.text), from pid \(pid) or from another process of the same number"
    }
    return evidence.mayBeForgotten(process)
      ? "more processes sent traces than roost keeps, pid \(pid) may be one that it forgot" : nil
  }
}
