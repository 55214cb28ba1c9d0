/// The limits and the version of the talk between a command and the running agent.
///
/// One connection carries one query and one answer. Each is a 4-byte big-endian length followed by that many bytes
/// of one JSON object (`ControlMessage`), of which `v` is the protocol version.
package enum ControlProtocol {
  /// Grows only when an old command would misread a new answer; new members alone do not need it. Version 1 was
  /// MessagePack.
  package static let version: UInt64 = 2
  /// A query is a few names; anything larger is not a query of ours. Bytes.
  package static let questionBytesMax = 64 * 1024
  /// Rows of a table in an answer; the hits of further ones are reported as one number. That many are made, sent and drawn
  /// well within `timeout`, and are more than a person reads.
  package static let rowsMax = 10_000
  /// Some 100,000 rows, or a trace of as many spans; see `TraceAnswer.textBytesMax`. Bytes.
  package static let answerBytesMax = 64 * 1024 * 1024
  /// What either side waits for the other, over the whole exchange: a person is waiting at the other end.
  package static let timeout: Duration = .seconds(2)
  /// What a command waits for an answer that may be read from what is stored, or has to wait for others that are.
  package static let storedTimeout: Duration = .seconds(10)
  /// How long the agent waits for a query once it has a connection: it answers one at a time, and a connection that
  /// says nothing must not use up the time of the next.
  package static let questionTimeout: Duration = .milliseconds(500)
  /// How long a stop waits for queries that are being answered: what one may take to be read, answered and written, on the
  /// control thread and then on others.
  static let endingLimit: Duration = .seconds(6)
  /// How far back the agent's tables reach, nanoseconds: statistics stay in memory for an hour.
  package static let historyNs: Int64 = 3_600_000_000_000
}
