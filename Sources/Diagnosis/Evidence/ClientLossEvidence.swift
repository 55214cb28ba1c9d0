/// What one client lost on the way in for one reason, as the agent counted it.
package struct ClientLossEvidence: Sendable, Equatable, Codable {
  /// Language and tracer version, such as `python 4.16.0`; empty when it did not say.
  package var client = ""
  /// Service of the traces, as tables show it; empty for requests.
  package var service = ""
  /// What became of it: `dropped`, `refused` or `faulty`.
  package var loss = ""
  package var reason = ""
  package var requests: UInt64 = 0
  package var traces: UInt64 = 0
  /// One of the traces, described without secrets; empty for requests.
  package var example = ""
  package var lastSeenSecondsAgo = 0.0

  package init() {}
}

/// A place at which roost was told to listen and does not, and what is in the way.
package struct ListenerFailureEvidence: Sendable, Equatable, Codable {
  package var address = ""
  package var reason = ""

  package init() {}
}
