import JSON

/// What the doctor found, for programs: findings worst first, without those that only follow from another.
package struct DoctorDocument: Sendable, Equatable, JSONDocument {
  package static let schema = "roost.doctor.v1"

  /// A finding, without what only the terminal shows of it.
  package struct Row: Sendable, Equatable, Codable {
    /// Of the diagnosis, such as `RST021`.
    package let id: String
    /// One of `problem`, `warning` and `note`.
    package let severity: String
    /// One line for a person, the same as `Finding.title`.
    package let title: String
    package let because: [String]
    package let fix: [String]
  }

  /// Something that could not be looked at.
  package struct Skipped: Sendable, Equatable, Codable {
    /// A diagnosis, or the name of a part of the evidence.
    package let id: String
    /// What was in the way.
    package let why: String
  }

  /// What was found; the worst first.
  package let findings: [Row]
  /// How many diagnoses were tried: all that the system and the evidence allow.
  package let checked: Int
  /// What the findings may miss.
  package let notChecked: [Skipped]

  /// The part of an examination that programs get.
  package init(_ examination: Examination) {
    findings = examination.findings.map {
      Row(id: $0.id, severity: $0.severity.name, title: $0.title, because: $0.because, fix: $0.fix)
    }
    checked = examination.checked
    notChecked = examination.notChecked.map { Skipped(id: $0.id, why: $0.why) }
  }
}
