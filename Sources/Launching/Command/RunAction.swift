import Control

/// What a run decided to do. One place does it: `RunDriver`.
package enum RunAction: Sendable, Equatable {
  /// Says a sentence to the user, behind the program's name.
  case report(String)
  /// Says the line of the first trace.
  case reportFirstTrace(String)
  /// Draws a trace that has ended, in few lines.
  case showTrace(TraceAnswer)
  /// Shows the services and resources that were sent, with lines above and below.
  case showTables(RunTables, above: [String], below: [String])
  /// Starts an agent; what came of it comes back through `started` or `failed`.
  case start(AgentRecipe)
  /// Ends an agent that this run started, and waits for it.
  case stop(OwnAgent, AgentLog.Disposal)
  /// Releases the log of an agent that has ended.
  case close(AgentLog, AgentLog.Disposal)
  /// Starts the doctor to look at a process; `doctorStarted` tells the session of it.
  case consultDoctor(pid: Int32, settings: [String: String])
  /// Sends a signal to a process of this run.
  case send(signal: Int32, to: ChildProcess)
  /// Stops this process as its command was: the shell waits for it alone.
  case stopLikeCommand
  /// Ends the run with a code.
  case end(code: Int32)
}
