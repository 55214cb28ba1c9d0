extension Diagnosis {
  /// The same diagnosis with an eye for log lines: they are quoted under what was found at the same place, and where
  /// nothing was found they make findings of their own that say what they mean and what to look at.
  var readingLog: Diagnosis {
    let own = self
    return Diagnosis(
      explanation, severity, keepsTracesAway: keepsTracesAway, disproof: disproof, systems: systems,
      needsAgent: needsAgent,
      rule: { evidence in
        let findings = own.rule(evidence)
        let lines = evidence.log.filter { LogConclusion.diagnosis(of: $0) == own.id }
        return lines.isEmpty ? findings : own.findings(findings, with: lines, evidence)
      }, passed: own.passed)
  }

  /// Places of which each gets a finding of its own; the others share one.
  private static let placesMax = 3

  private func findings(_ found: [Finding], with lines: [LogEvidence], _ evidence: Evidence) -> [Finding] {
    var findings = found
    var attached = found.map { _ in [LogEvidence]() }
    var elsewhere: [[LogEvidence]] = []
    for line in lines {
      if let index = found.firstIndex(where: { $0.isAbout(line, evidence) }) {
        attached[index].append(line)
      } else if let index = elsewhere.firstIndex(where: { $0[0].isAtSamePlace(as: line) }) {
        elsewhere[index].append(line)
      } else {
        elsewhere.append([line])
      }
    }
    for (index, lines) in attached.enumerated() where !lines.isEmpty {
      let reported = LogConclusion.quotes(lines) + (LogConclusion.tally(lines).map { [$0] } ?? [])
      findings[index].because = (findings[index].because + reported).uniqued()
    }
    let alone = elsewhere.count > Self.placesMax ? Self.placesMax - 1 : elsewhere.count
    findings += elsewhere.prefix(alone).compactMap { LogConclusion.finding(self, $0, evidence) }
    let rest = elsewhere.dropFirst(alone)
    if let finding = LogConclusion.finding(self, rest.flatMap { $0 }, others: max(0, rest.count - 1), evidence) {
      findings.append(finding)
    }
    return findings
  }
}

extension Finding {
  /// Whether a line speaks of the same place. What is about no place in particular is about roost itself, or about the
  /// intake.
  fileprivate func isAbout(_ line: LogEvidence, _ evidence: Evidence) -> Bool {
    guard let target = line.target else { return places.isEmpty }
    if places.isEmpty { return line.url == nil || line.isOfIntake || evidence.isRoost(at: target) }
    if line.url != nil { return places.contains { $0.isSame(as: target) } }
    // A line that names no address may still name the host that it asked for.
    return places.contains { $0.port == 0 && $0.isTCP ? line.text.contains($0.host) : $0.isSame(as: target) }
  }
}

extension LogEvidence {
  /// The line is about Datadog's intake, to which agents send, and not about an agent.
  var isOfIntake: Bool { url?.hasPrefix("https://") == true && url?.contains("datad") == true }

  fileprivate func isAtSamePlace(as other: LogEvidence) -> Bool {
    if let target, let place = other.target { return target.isSame(as: place) }
    return url == other.url
  }
}
