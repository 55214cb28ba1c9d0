import Control
import Launching

/// How the agent of a run is started, be it for the first time or in the place of one that ended.
struct AgentRecipe {
  /// Behind the program's name.
  var words: [String]
  /// What it and the other commands need to be told so that they meet; empty when they do by themselves.
  var settings: [String: String]
  /// Asks where it will answer.
  var client: ControlClient

  /// The same agent, made to listen where a command sends to.
  func listening(on target: AgentTarget) -> AgentRecipe {
    guard case .tcp(_, let port) = target, !words.contains("--port") else { return self }
    var recipe = self
    recipe.words += ["--port", String(port)]
    return recipe
  }
}
