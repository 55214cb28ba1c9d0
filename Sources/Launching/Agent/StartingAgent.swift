import Control

/// An agent that was started and does not answer yet.
package struct StartingAgent: Sendable {
  /// How far it has come.
  enum Progress {
    case pending
    /// It answers on its control socket.
    case up(OwnAgent, InfoAnswer)
    /// It will not. What is left of it has to be cleared away by the actions.
    case failed(AgentStartFailure, [RunAction])
  }

  /// From the start to the first answer at most.
  static let limit = Duration.seconds(10)
  /// Of one question while it starts: signals wait for it too.
  static let queryLimit = Duration.milliseconds(200)

  let process: ChildProcess
  let log: AgentLog
  let recipe: AgentRecipe
  /// When it has to have answered.
  let deadline: ContinuousClock.Instant

  /// One whose process was started just now.
  init(_ process: ChildProcess, log: AgentLog, recipe: AgentRecipe, now: ContinuousClock.Instant) {
    self.process = process
    self.log = log
    self.recipe = recipe
    deadline = now + Self.limit
  }

  /// Looks at it. Not to be called again after it came up or failed.
  func look(_ system: some RunSystem) -> Progress {
    if let info = system.info(at: recipe.controlPath, within: Self.queryLimit), info.pid == Int64(process.pid) {
      return .up(OwnAgent(process: process, log: log), info)
    }
    switch system.change(of: process) {
    case .exited(let code): return exited(code, lastWords: system.lastWords(in: log))
    case .killed(let signal):
      let reason = "signal \(signal) ended it; see \(log.path)"
      return .failed(AgentStartFailure(cause: .killed, reason: reason), [.close(log, .keep)])
    case .stopped, nil: return system.now >= deadline ? abandon() : .pending
    }
  }

  /// Ends it as one that does not answer, and keeps its log.
  func abandon() -> Progress {
    .failed(
      AgentStartFailure(cause: .silent, reason: "it did not answer; see \(log.path)"),
      [.stop(OwnAgent(process: process, log: log), .keep)])
  }

  private func exited(_ code: Int32, lastWords: String?) -> Progress {
    .failed(
      AgentStartFailure(
        cause: code == recipe.addressTakenCode ? .addressTaken : .exited(code),
        reason: lastWords ?? "it ended with code \(code); see \(log.path)"),
      [.close(log, lastWords == nil ? .keep : .remove)])
  }
}
