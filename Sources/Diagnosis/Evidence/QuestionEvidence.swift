/// What the doctor was asked.
package struct QuestionEvidence: Sendable, Equatable, Codable {
  /// `machine`, `process`, `name` or `url`.
  package var kind = "machine"
  /// The address that was to be tried, without secrets; only of `url`.
  package var url: String?

  package init() {}

  /// One process or some of a name, and not all that runs here.
  package var isAboutApps: Bool { kind == "process" || kind == "name" }
}
