import Configuration
import Control
import Launching
import Platform
import Terminal

/// The agent that a run sends to: the one that is there, else one started for it.
struct AgentForRun {
  let target: AgentTarget
  /// How another one is started in its place.
  let recipe: AgentRecipe
  /// When it was found or had been started; for the first one of a run, before the command was.
  var info: InfoAnswer
  /// Who had the control socket then.
  var listener: ControlListening
  /// `nil` for an agent that was there before; it is left running.
  var own: OwnAgent?
  /// What the user has to know of it, a line each.
  let notes: [String]

  /// How often another free port is tried.
  private static let attempts = 3
  /// How long one that has the port is given to answer: it was started in the same moment as ours.
  private static let rivalLimit = Duration.milliseconds(500)
  private static let rivalPause: UInt32 = 20_000

  var client: ControlClient { recipe.client }

  /// Whether that is this agent's answer, and not that of another behind the same socket.
  func isOwnAnswer(_ answer: InfoAnswer) -> Bool { answer.pid == info.pid && answer.startedNs == info.startedNs }

  static func find(_ context: CommandContext, isAborted: () -> Bool) throws(CommandFailure) -> AgentForRun {
    let configuration = try ConfigurationInForce(context)
    let place = try ControlPlace.choose(configuration)
    let recipe = AgentRecipe(
      words: ["serve"] + (context.options.configPath.map { ["--config", $0] } ?? []), settings: place.settings,
      client: ControlClient(path: place.path))
    if let info = try answer(recipe.client) { return try AgentForRun(info, recipe, notes: []) }
    let own: OwnAgent
    do throws(StartingAgent.Failure) {
      own = try StartingAgent(recipe).waitUntilItAnswers(isAborted: isAborted)
    } catch {
      let isTaken = error.code == .cannotCreate
      guard !isAborted() else { throw CommandFailure(error) }
      if let info = try rival(recipe.client, isExpected: isTaken) { return try AgentForRun(info, recipe, notes: []) }
      guard isTaken, configuration.value.receiverPort != 0 else { throw CommandFailure(error) }
      return try startElsewhere(configuration, recipe, after: error, isAborted)
    }
    return try AgentForRun(own.info, recipe, own: own, notes: place.notes)
  }

  /// What the agent says that is there; `nil` when there is none.
  private static func answer(_ client: ControlClient) throws(CommandFailure) -> InfoAnswer? {
    do throws(ControlError) {
      guard case .info(let info) = try client.ask(.info) else {
        throw .malformed("it answered another question than was asked")
      }
      return info
    } catch .noAgent {
      return nil
    } catch {
      throw CommandFailure(error)
    }
  }

  /// The agent that came up while ours did not: somebody else started one in the same moment.
  private static func rival(_ client: ControlClient, isExpected: Bool) throws(CommandFailure) -> InfoAnswer? {
    let deadline = ContinuousClock.now + (isExpected ? rivalLimit : .zero)
    while true {
      if let info = try answer(client) { return info }
      if ContinuousClock.now >= deadline { return nil }
      usleep(rivalPause)
    }
  }

  /// The configured port cannot be had: another program has it.
  private static func startElsewhere(
    _ configuration: ConfigurationInForce, _ recipe: AgentRecipe, after first: StartingAgent.Failure,
    _ isAborted: () -> Bool
  ) throws(CommandFailure) -> AgentForRun {
    var failure = first
    for _ in 0..<attempts {
      guard let port = FreePort.find() else { break }
      let place = try ControlPlace.choose(configuration, port: Int(port))
      var settings = place.settings
      settings["DD_APM_RECEIVER_PORT"] = String(port)
      let other = AgentRecipe(
        words: recipe.words + ["--port", String(port)], settings: settings, client: ControlClient(path: place.path))
      let own: OwnAgent
      do throws(StartingAgent.Failure) {
        own = try StartingAgent(other).waitUntilItAnswers(isAborted: isAborted)
      } catch {
        failure = error
        guard error.code == .cannotCreate else { break }
        continue
      }
      let ask = "to ask this agent from another shell: DD_APM_RECEIVER_PORT=\(port) roost services"
      return try AgentForRun(own.info, other, own: own, notes: [first.reason] + place.notes + [ask])
    }
    throw CommandFailure(failure)
  }

  private init(
    _ info: InfoAnswer, _ recipe: AgentRecipe, own: OwnAgent? = nil, notes: [String]
  ) throws(CommandFailure) {
    guard let target = AgentTarget(listeners: info.listeners) else {
      own?.stop()
      throw CommandFailure(
        .badConfiguration, "the agent (pid \(info.pid)) listens on nothing that an app could send to")
    }
    self.target = target
    self.recipe = recipe.listening(on: target)
    self.info = info
    listener = recipe.client.lookAtListener()
    self.own = own
    let found: String
    if let own {
      found = "started an agent for this run (pid \(info.pid), log \(own.log.path))"
    } else {
      found = "using the agent \(info.runPid == 0 ? "that is there" : "of another run") (pid \(info.pid))"
    }
    self.notes = notes + ["\(found), on \(target)"]
  }
}

extension CommandFailure {
  fileprivate init(_ failure: StartingAgent.Failure) {
    self.init(failure.code, "no agent could be started: \(failure.reason)")
  }
}
