/// An agent that this run started: this program as `roost serve`, in the background, with its log in a file.
package struct OwnAgent: Sendable, Equatable {
  /// Its process, a child of this one.
  package let process: ChildProcess
  /// Where it writes its log.
  package let log: AgentLog
}
