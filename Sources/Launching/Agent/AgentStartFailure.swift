/// Why an agent of a run did not come up.
package struct AgentStartFailure: Error, Sendable, Equatable {
  /// At which point of its start it failed.
  package enum Cause: Sendable, Equatable {
    /// The program or a place for its log could not be found.
    case notPrepared
    /// The system started no process.
    case notStarted
    /// Another program has its port.
    case addressTaken
    /// It ended with a code.
    case exited(Int32)
    /// A signal ended it before it answered.
    case killed
    /// It ran, and did not answer in time.
    case silent
  }

  /// What kept it, as far as callers have to distinguish causes.
  package let cause: Cause
  /// Its last words, without the program's name.
  package let reason: String
}
