/// Where a rule and what the agent has received disagree, the agent is right.
struct ArrivalCheck {
  let evidence: Evidence

  /// A tracer that has something to send does so every second or two.
  private static let recentSeconds = 10.0

  /// The finding as it stands beside what arrived: a note when traces came from each process that it is about.
  func checked(_ finding: Finding, of diagnosis: Diagnosis) -> Finding {
    guard finding.deniesArrival || diagnosis.keepsTracesAway && finding.severity == .problem, !finding.pids.isEmpty
    else { return finding }
    let arrivals = finding.pids.sorted().compactMap { pid in
      arrival(from: pid, diagnosis.disproof).map { (pid: pid, arrival: $0) }
    }
    guard !arrivals.isEmpty else { return finding }
    var checked = finding
    checked.because += arrivals.map { "roost received \($0.arrival.text) from pid \($0.pid) or what it started" }
    guard arrivals.count == finding.pids.count else { return checked }
    checked.severity = .note
    let pids = arrivals.prefix(3).map { String($0.pid) }.joined(separator: ", ") + (arrivals.count > 3 ? ", …" : "")
    checked.title = "Looks wrong, but traces of pid \(pids) arrive: \(finding.title)"
    checked.explains = []
    return checked
  }

  private func arrival(from pid: Int64, _ disproof: Diagnosis.Disproof) -> Arrival? {
    guard let arrival = evidence.arrival(from: pid) else { return nil }
    return disproof == .anyArrival || arrival.lastSeenSecondsAgo <= Self.recentSeconds ? arrival : nil
  }
}
