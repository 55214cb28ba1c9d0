extension Diagnosis {
  /// Diagnoses that, as a problem, keep traces from an agent altogether. Others make them late, fewer, or refused later.
  private static let barring: Set<String> = Set(
    (1...26).filter { $0 != 17 }.map(idText) + [28, 29, 31, 32, 33, 35].map(idText))

  private static func idText(_ number: Int) -> String { "RST" + (number < 10 ? "00" : "0") + String(number) }

  /// Whether traces do not arrive when this is a problem.
  package static func keepsTracesAway(_ finding: Finding) -> Bool {
    finding.severity == .problem && barring.contains(finding.id)
  }

  /// The systems on which it can be found out, for a person: `Linux`, `Linux or macOS`.
  package var systemNames: String {
    systems.map { $0 == "darwin" ? "macOS" : "Linux" }.sorted().joined(separator: " or ")
  }
}
