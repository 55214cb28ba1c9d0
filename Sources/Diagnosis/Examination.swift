/// The result of judging evidence: what was found, what was not looked at, and how many diagnoses were tried.
package struct Examination: Sendable {
  /// Worst first; findings that follow from another are in `consequences`.
  package let findings: [Finding]
  /// Findings folded under the one that explains them, by its id.
  package let consequences: [String: [Finding]]
  /// How many diagnoses were tried: all that the system and the evidence allow.
  package let checked: Int
  /// Diagnoses and parts of the evidence that could not be looked at, by id or name.
  package let notChecked: [(id: String, why: String)]

  /// Applies every diagnosis of `table` that the system allows.
  package init(_ evidence: Evidence, table: [Diagnosis] = DiagnosisTable.all) {
    let possible = table.filter { $0.systems.contains(evidence.host.system) }
    let arrivals = ArrivalCheck(evidence: evidence)
    let all = possible.flatMap { diagnosis in
      diagnosis.rule(evidence).map { arrivals.checked($0, of: diagnosis) }
    }
    let reported = Set(all.map(\.id))
    let mute = possible.filter { $0.needsAgent && evidence.agent == nil && !reported.contains($0.id) }
    var causes = all
    var isFolded = all.map { _ in false }
    var consequences: [String: [Finding]] = [:]
    for (index, finding) in all.enumerated() {
      guard let cause = Self.cause(of: index, in: all) else { continue }
      isFolded[index] = true
      consequences[all[cause].id, default: []].append(finding)
      // A line that somebody pasted is shown under what explains it.
      causes[cause].because += finding.because.filter { LogEvidence.isQuote($0) && !causes[cause].because.contains($0) }
    }
    findings = zip(causes, isFolded).filter { !$1 }.map(\.0).enumerated()
      .sorted { Self.rank($0.element, $0.offset) < Self.rank($1.element, $1.offset) }.map(\.element)
    self.consequences = consequences
    checked = possible.count - mute.count
    notChecked =
      table.filter { !$0.systems.contains(evidence.host.system) }
      .map { ($0.id, "only \($0.systemNames) shows what it needs") }
      + mute.map { ($0.id, "no roost answers that could tell") }
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
    let claims = all.indices.filter { other in
      let claim = all[other]
      guard other != index, claim.explains.contains(finding.id), claim.id != finding.id,
        claim.quotesLog || claim.pids.isEmpty || !finding.quotesLog,
        !(finding.quotesLog && claim.isAtOtherPort(than: finding))
      else { return false }
      return !finding.explains.contains(claim.id) || other < index
    }
    // One about several processes is explained only when it is for each of them.
    let explained = claims.reduce(into: Set<Int64>()) { $0.formUnion(all[$1].pids) }
    let isWhole = claims.contains { all[$0].pids.isEmpty } || finding.pids.isSubset(of: explained)
    return isWhole
      ? claims.first { all[$0].pids.isEmpty || finding.pids.isEmpty || !all[$0].pids.isDisjoint(with: finding.pids) }
      : nil
  }
}
