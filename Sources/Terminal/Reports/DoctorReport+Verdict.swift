import Diagnosis
import Text

extension DoctorReport {
  /// The answer to "am I good to go?" in one line.
  package var verdict: String {
    let counts = [
      Self.counted(count(.problem), "problem"), Self.counted(count(.warning), "warning"),
    ].compactMap { $0 }.joined(separator: ", ")
    guard count(.problem) > 0 else { return goodToGo + (counts.isEmpty ? "." : " — with \(counts).") }
    let barring = Set(table.filter(\.keepsTracesAway).map(\.id))
    let barred = examination.findings.filter { $0.severity == .problem && barring.contains($0.id) }
    guard !barred.isEmpty else {
      return "\(counts) — start with the first: roost explain \(examination.findings.first?.id ?? "ID")"
    }
    let pids = barred.compactMap(\.pid).reduce(into: [Int64]()) { if !$0.contains($1) { $0.append($1) } }
    let whose =
      switch (pids.count, barred.contains { $0.pid == nil }) {
      case (0, _), (_, true): ""
      case (1, _): " from pid \(pids[0])"
      default: " from pids \(pids.map(String.init).joined(separator: ", "))"
      }
    return "\(counts) — traces\(whose) do not reach roost."
  }

  /// How the verdict stands out.
  var verdictStyle: Style {
    count(.problem) > 0 ? .bad : count(.warning) > 0 || evidence.isLogMute ? .warning : .good
  }

  /// What works, as far as it was seen.
  private var goodToGo: String {
    // Who asked what a log means wants no other answer first.
    if evidence.isLogMute { return "Nothing explained: no line of a tracer is in the log; seen from here, \(seen)" }
    if let url = evidence.question.url { return answer(at: url) }
    if !evidence.processes.isEmpty, evidence.processes.allSatisfy({ !$0.isEnvironmentReadable }) {
      let pids = evidence.processes.map { String($0.pid) }.joined(separator: ", ")
      return "Could not look: what pid \(pids) is told may be read by its user and by root only"
    }
    // Traces that arrive and do not go on as they should are no reason to say that all is good.
    if examination.findings.contains(where: { Self.aboutTheWayOut.contains($0.id) && $0.severity == .warning }) {
      return "Traces are taken, but see the warning: \(seen)"
    }
    if examination.findings.contains(where: \.isArrivalUncertain) { return "Not certain, see the warning: \(seen)" }
    let limit = evidence.notChecked.isEmpty ? "Good to go" : "Good to go, as far as could be seen"
    return "\(limit): \(seen)"
  }

  /// What becomes of traces behind the agent, of settings for it, and of payloads that it could not take.
  private static let aboutTheWayOut: Set<String> = ["RST052", "RST053", "RST054", "RST055", "RST056", "RST057"]

  /// The agent as it is here.
  private var seen: String {
    guard let agent = evidence.agent else {
      let answered = evidence.probes.first { $0.outcome == .answered && $0.product != nil }
      let who = answered.map { "; \(Self.naming($0.product)) answers at \(safeText($0.address))" } ?? ""
      return "no cause was found that keeps traces away\(who)"
    }
    let places = agent.listeners.isEmpty ? "" : " on " + agent.listeners.map(safeText).joined(separator: ", ")
    if let ofApp { return "roost listens\(places), \(ofApp)" }
    let arrived =
      switch agent.receivedTraces {
      case 0: "no trace has arrived yet"
      case 1: "1 trace has arrived"
      default: "\(HumanNumber.count(agent.receivedTraces)) traces have arrived"
      }
    return "roost listens\(places), \(arrived)"
  }

  /// What the agent has of the one app that was asked about.
  private var ofApp: String? {
    guard evidence.question.isAboutApps, evidence.processes.count == 1, let process = evidence.processes.first else {
      return nil
    }
    if let arrival = evidence.arrival(from: process) { return "pid \(process.pid) sent \(safeText(arrival.text))" }
    if let arrival = evidence.possibleArrival(from: process) {
      return "\(safeText(arrival.text)), came from pid \(process.pid) or from another process of the same number"
    }
    return evidence.mayBeForgotten(process)
      ? "whether a trace of pid \(process.pid) has arrived is not known: more processes sent than roost keeps"
      : "no trace of pid \(process.pid) has arrived yet"
  }

  /// Who is at the address that was asked about.
  private func answer(at url: String) -> String {
    let answered = evidence.probes.first { $0.url == url && $0.outcome == .answered }
    guard let answered else { return "No agent answered at \(safeText(url))" }
    return "Good to go: \(Self.naming(answered.product)) answers at \(safeText(url))"
  }

  private static func naming(_ product: ProductEvidence?) -> String {
    safeText(product.map { $0.version.isEmpty ? $0.name : "\($0.name) \($0.version)" } ?? "something")
  }

  private static func counted(_ number: Int, _ noun: String) -> String? {
    number == 0 ? nil : number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }
}
