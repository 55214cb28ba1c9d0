import JSON

/// The long text about one diagnosis, for programs.
package struct ExplainDocument: Sendable, Equatable, JSONDocument {
  package static let schema = "roost.explain.v1"

  /// Of the diagnosis, such as `RST021`.
  package let id: String
  /// One of `problem`, `warning` and `note`.
  package let severity: String
  /// A heading for people, the same as `Explanation.name`.
  package let name: String
  /// Lines of logs behind which it may be.
  package let symptoms: [String]
  /// What else may be noticed of it, in words.
  package let signs: [String]
  package let explanation: String
  /// The systems on which it can be found out: `darwin`, `linux`.
  package let systems: [String]

  /// What there is to say about `diagnosis`.
  package init(_ diagnosis: Diagnosis) {
    id = diagnosis.id
    severity = diagnosis.severity.name
    name = diagnosis.name
    symptoms = diagnosis.explanation.lines
    signs = diagnosis.explanation.signs
    explanation = diagnosis.explanation.text
    systems = diagnosis.systems.sorted()
  }
}
