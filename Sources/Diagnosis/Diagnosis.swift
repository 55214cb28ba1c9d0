/// A row of the table of diagnoses: a cause that the doctor knows, what is said about it, and the rule that finds it.
package struct Diagnosis: Sendable {
  /// What `roost explain` shows; its id is the diagnosis's.
  package let explanation: Explanation
  /// The severity it usually has.
  package let severity: Severity
  /// As a problem it keeps traces from an agent altogether. Others make them late, fewer, or refused later.
  package let keepsTracesAway: Bool
  /// What proves a finding about a process wrong.
  package let disproof: Disproof
  /// Systems on which it can be found out; elsewhere it is listed as not checked.
  package let systems: Set<String>
  /// It goes by what a running agent saw of its clients.
  package let needsAgent: Bool
  /// Finds its causes in evidence, each a finding of its own; asks nothing but the evidence.
  package let rule: @Sendable (Evidence) -> [Finding]
  /// What was found where the rule finds no cause: a line with names and numbers of the evidence.
  package let passed: @Sendable (Evidence) -> String

  /// Which traces prove that a cause does not keep a process's traces away.
  package enum Disproof: Sendable {
    /// Any since the process started: it goes by what the process was started with, and that stays as it is.
    case anyArrival
    /// Those of the last seconds: what it goes by may have changed since earlier ones.
    case recentArrival
  }

  package init(
    _ explanation: Explanation, _ severity: Severity, keepsTracesAway: Bool = false,
    disproof: Disproof = .recentArrival, systems: Set<String> = ["linux", "darwin"], needsAgent: Bool = false,
    rule: @escaping @Sendable (Evidence) -> [Finding], passed: @escaping @Sendable (Evidence) -> String
  ) {
    self.explanation = explanation
    self.severity = severity
    self.keepsTracesAway = keepsTracesAway
    self.disproof = disproof
    self.systems = systems
    self.needsAgent = needsAgent
    self.rule = rule
    self.passed = passed
  }

  /// `RST001` … `RST047`; never reused.
  package var id: String { explanation.id }

  /// Its name in lists and in the documentation.
  package var name: String { explanation.name }

  /// The systems on which it can be found out, for a person: `Linux`, `Linux or macOS`.
  package var systemNames: String {
    systems.map { $0 == "darwin" ? "macOS" : "Linux" }.sorted().joined(separator: " or ")
  }
}
