/// An address or a path at which the agent was told to take traces and takes none now.
package struct ListenerFailureRow: Sendable, Equatable, Codable {
  /// Written as those in `InfoAnswer.listeners` are: `/var/run/datadog/apm.socket`.
  package var address: String
  /// What is in the way, in a few words: `the directory does not exist`.
  package var reason: String

  /// One place and what is in the way there.
  package init(address: String, reason: String) {
    self.address = address
    self.reason = reason
  }
}
