/// A payload that could not be decoded and that the agent keeps for `roost inspect`.
package struct BadPayloadEvidence: Sendable, Equatable, Codable {
  /// The number that `roost inspect` takes.
  package var id: UInt64
  /// As in `ClientIssueEvidence.client`; empty when it did not say.
  package var client = ""

  package init(id: UInt64, client: String = "") {
    self.id = id
    self.client = client
  }
}
