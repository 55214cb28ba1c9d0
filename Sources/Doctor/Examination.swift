/// The result of judging evidence: what was found, what was not looked at, and how many diagnoses were tried.
package struct Examination: Sendable {
  /// Worst first; findings that follow from another are in its `consequences`.
  package let findings: [Finding]
  /// Findings folded under the one that explains them, by its id.
  package let consequences: [String: [Finding]]
  package let checked: Int
  package let notChecked: [(id: String, why: String)]

  /// Applies every diagnosis of `table` that the system allows.
  package init(_ evidence: Evidence, table: [Diagnosis] = DiagnosisTable.all) {
    let usable = table.filter { $0.systems.contains(evidence.host.system) }
    let all = usable.flatMap { $0.rule(evidence) }
    let explained = Set(all.flatMap(\.explains))
    var consequences: [String: [Finding]] = [:]
    for finding in all {
      let inside = all.filter {
        finding.explains.contains($0.id) && ($0.pid == finding.pid || finding.pid == nil || $0.pid == nil)
      }
      if !inside.isEmpty { consequences[finding.id, default: []] += inside }
    }
    findings = all.filter { !explained.contains($0.id) }.enumerated()
      .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }.map(\.element)
    self.consequences = consequences
    checked = usable.count
    notChecked = table.filter { !$0.systems.contains(evidence.host.system) }
      .map { ($0.id, "needs \($0.systems.sorted().joined(separator: " or "))") }
  }
}
