import Agent
import Platform

/// How an agent that was started for a run notices that the run is gone, however it went.
enum ParentWatch {
  /// Names the process that an agent belongs to.
  static let variable = "ROOST_RUN_PARENT"

  /// The run that this agent was started for; `nil` when there is none.
  static func run(_ environment: [String: String]) -> OwningRun? {
    guard let parent = environment[variable].flatMap({ pid_t($0) }) else { return nil }
    return OwningRun(pid: parent) { getppid() == parent }
  }
}
