import Agent
import Launching
import Platform

/// How an agent that was started for a run notices that the run is gone, however it went.
enum ParentWatch {
  /// The run that this agent was started for; `nil` when there is none.
  static func run(_ environment: [String: String]) -> OwningRun? {
    guard let parent = environment[AgentRecipe.parentVariable].flatMap({ pid_t($0) }) else { return nil }
    return OwningRun(pid: parent) { getppid() == parent }
  }
}
