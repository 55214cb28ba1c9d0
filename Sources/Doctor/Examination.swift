/// The result of judging evidence: what was found, what was not looked at, and how many diagnoses were tried.
package struct Examination: Sendable {
  /// Worst first; findings that follow from another are in `consequences`.
  package let findings: [Finding]
  /// Findings folded under the one that explains them, by its id.
  package let consequences: [String: [Finding]]
  /// Diagnoses that were tried.
  package let checked: Int
  /// Diagnoses and parts of the evidence that could not be looked at, by id or name.
  package let notChecked: [(id: String, why: String)]

  /// Applies every diagnosis of `table` that the system allows.
  package init(_ evidence: Evidence, table: [Diagnosis] = DiagnosisTable.all) {
    let usable = table.filter { $0.systems.contains(evidence.host.system) }
    let all = usable.flatMap { $0.rule(evidence) }
    var causes: [Finding] = []
    var consequences: [String: [Finding]] = [:]
    for (index, finding) in all.enumerated() {
      if let cause = Self.cause(of: index, in: all) {
        consequences[all[cause].id, default: []].append(finding)
      } else {
        causes.append(finding)
      }
    }
    findings = causes.enumerated()
      .sorted { Self.rank($0.element, $0.offset) < Self.rank($1.element, $1.offset) }.map(\.element)
    self.consequences = consequences
    checked = usable.count
    notChecked =
      table.filter { !$0.systems.contains(evidence.host.system) }
      .map { ($0.id, "only \($0.systemNames) shows what it needs") }
      + evidence.notChecked.map { ($0.what, $0.why) }
  }

  /// Worst first; of equals, what the log that was given speaks of, and then the order of the table.
  private static func rank(_ finding: Finding, _ place: Int) -> (Int, Int, Int) {
    (-finding.severity.rawValue, finding.quotesLog ? 0 : 1, place)
  }

  /// The finding that `all[index]` follows from: one about the same process, or about the machine. Of two that claim
  /// each other the first stays, so that neither is lost. What the log speaks of is not folded under a process that
  /// merely runs here.
  private static func cause(of index: Int, in all: [Finding]) -> Int? {
    let finding = all[index]
    return all.indices.first { other in
      let claim = all[other]
      guard other != index, claim.explains.contains(finding.id), claim.id != finding.id,
        claim.pid == finding.pid || claim.pid == nil || finding.pid == nil,
        claim.quotesLog || claim.pid == nil || !finding.quotesLog
      else { return false }
      return !finding.explains.contains(claim.id) || other < index
    }
  }
}
