import Control

/// Finds the agent of a run before its command is started: the one that answers, else one started for it; on another
/// port when a foreign program has the configured one.
///
/// It decides and starts nothing itself: each step gives actions, and what came of a start comes back through `started`.
package struct AgentSearch {
  /// How a search ends: with an agent, or with why there is none.
  package enum Result {
    case found(AgentForRun)
    case failed(Failure)
  }

  /// Why there is no agent.
  package enum Failure: Error, Sendable, Equatable {
    /// One is there and cannot be used.
    case control(ControlError)
    case notStarted(AgentStartFailure)
    /// It answers, and has no place to send traces to.
    case listensOnNothing(pid: Int64)
    /// The configuration gives no place for a control socket; its own words.
    case noPlace(String)
  }

  /// Where the commands meet an agent on a port, `nil` for the configured one.
  package typealias Places = (_ port: UInt16?) throws(Failure) -> ControlPlace

  /// The agent that has the configured port and does not answer at the usual control socket; `nil` when there is none.
  package typealias Elsewhere = () -> AgentElsewhere?

  /// How often another free port is tried.
  static let portsMax = 3
  /// How long one that has the port is given to answer: it was started in the same moment as ours.
  static let rivalLimit = Duration.milliseconds(500)
  private static let startPause = Duration.milliseconds(10)
  private static let rivalPause = Duration.milliseconds(20)

  private enum State {
    case querying
    /// A start was asked for.
    case ordered
    case starting(StartingAgent)
    case failed(AgentStartFailure, answersUntil: ContinuousClock.Instant)
  }

  private var state = State.querying
  /// Of the agent that is looked for or being started.
  private var recipe: AgentRecipe
  /// For starts on other ports.
  private let original: AgentRecipe
  private var notes: [String]
  private let mayMove: Bool
  private var portsLeft = portsMax
  /// Why the configured port could not be had.
  private var firstFailure: AgentStartFailure?
  private let places: Places
  private let elsewhere: Elsewhere

  /// - Parameters:
  ///   - words: what `roost` is started with.
  ///   - typedOptions: options that lead other commands to the same agent, as they are typed, with a space before.
  ///   - store: where it is to keep what it takes; `nil` leaves that to the configuration.
  ///   - addressTakenCode: the code with which it ends when another program has its port.
  ///   - mayMove: false when the configuration asks for no port at all.
  package init(
    words: [String], typedOptions: String = "", store: RunStore? = nil, addressTakenCode: Int32, mayMove: Bool,
    elsewhere: @escaping Elsewhere = { nil }, places: @escaping Places
  ) throws(Failure) {
    let place = try places(nil)
    original = AgentRecipe(
      words: words, settings: place.settings, controlPath: place.path, addressTakenCode: addressTakenCode,
      typedOptions: typedOptions, store: store)
    recipe = original
    notes = place.notes
    self.mayMove = mayMove
    self.places = places
    self.elsewhere = elsewhere
  }

  /// The wait until the next step.
  package var pause: Duration {
    switch state {
    case .querying, .ordered: .zero
    case .starting: Self.startPause
    case .failed: Self.rivalPause
    }
  }

  /// The next step. `nil` while it goes on: then the actions are to be performed, and after `pause` comes the next.
  ///
  /// - Parameter isAborted: once true, what is being started is stopped and the search fails.
  package mutating func step(
    _ system: some RunSystem, isAborted: Bool, _ actions: inout [RunAction]
  ) -> Result? {
    do throws(Failure) {
      switch state {
      case .querying: return try lookForOther(system, onPort: true) ?? order(&actions)
      case .ordered: return nil
      case .starting(let starting): return try look(starting, system, isAborted, &actions)
      case .failed(let failure, let limit): return try lookForRival(system, failure, limit, &actions)
      }
    } catch {
      return .failed(error)
    }
  }

  /// What came of the action that starts an agent.
  package mutating func started(_ starting: StartingAgent) { state = .starting(starting) }

  /// The same when no process could be started.
  package mutating func failed(_ failure: AgentStartFailure, now: ContinuousClock.Instant) {
    state = .failed(failure, answersUntil: now + (failure.cause == .addressTaken ? Self.rivalLimit : .zero))
  }

  private mutating func order(_ actions: inout [RunAction]) -> Result? {
    state = .ordered
    actions.append(.start(recipe))
    return nil
  }

  private mutating func look(
    _ starting: StartingAgent, _ system: some RunSystem, _ isAborted: Bool, _ actions: inout [RunAction]
  ) throws(Failure) -> Result? {
    var progress = starting.look(system)
    if case .pending = progress, isAborted { progress = starting.abandon() }
    switch progress {
    case .pending: return nil
    case .up(let own, let info):
      let agent = AgentForRun(info, recipe, own: own, listener: system.listener(at: recipe.controlPath), notes: notes)
      if let agent { return .found(agent) }
      actions.append(.stop(own, .removeIfEndedWell))
      throw .listensOnNothing(pid: info.pid)
    case .failed(let failure, let cleanup):
      actions += cleanup
      if isAborted { throw .notStarted(failure) }
      self.failed(failure, now: system.now)
      return try firstFailure == nil ? nil : moveOn(system, failure, &actions)
    }
  }

  /// The agent that is there; `nil` when there is none.
  /// - Parameter onPort: whether to look at the port too, where another program may listen that is not to be bothered.
  private func lookForOther(_ system: some RunSystem, onPort: Bool) throws(Failure) -> Result? {
    do throws(ControlError) {
      return try query(recipe, system)
    } catch {
      switch error {
      // One is there, and busy.
      case .timedOut: break
      default:
        if onPort, let other = elsewhere() { return try use(other, system) }
        if case .noAgent = error { return nil }
      }
      throw .control(error)
    }
  }

  private func query(_ recipe: AgentRecipe, _ system: some RunSystem) throws(ControlError) -> Result {
    guard case .info(let info) = try system.answer(.info, at: recipe.controlPath, within: ControlProtocol.timeout)
    else { throw .malformed("it answered another question than was asked") }
    guard let agent = AgentForRun(info, recipe, listener: system.listener(at: recipe.controlPath)) else {
      return .failed(.listensOnNothing(pid: info.pid))
    }
    return .found(agent)
  }

  private func use(_ other: AgentElsewhere, _ system: some RunSystem) throws(Failure) -> Result {
    guard let path = other.controlPath else { return .found(AgentForRun(hidden: other, recipe)) }
    var recipe = recipe
    recipe.controlPath = path
    recipe.settings["ROOST_CONTROL_SOCKET"] = path
    do throws(ControlError) {
      return try query(recipe, system)
    } catch .notPermitted {
      // As a member of the group that may query it.
      return .found(AgentForRun(hidden: other, self.recipe))
    } catch {
      throw .control(error)
    }
  }

  /// The agent that came up while ours did not: somebody else started one in the same moment.
  private mutating func lookForRival(
    _ system: some RunSystem, _ failure: AgentStartFailure, _ limit: ContinuousClock.Instant,
    _ actions: inout [RunAction]
  ) throws(Failure) -> Result? {
    if firstFailure == nil {
      if let other = try lookForOther(system, onPort: false) { return other }
      if system.now < limit { return nil }
    }
    return try moveOn(system, failure, &actions)
  }

  /// The port cannot be had: another program has it. Tries the next free one.
  private mutating func moveOn(
    _ system: some RunSystem, _ failure: AgentStartFailure, _ actions: inout [RunAction]
  ) throws(Failure) -> Result? {
    guard failure.cause == .addressTaken, mayMove, portsLeft > 0, let port = system.freePort() else {
      throw .notStarted(failure)
    }
    portsLeft -= 1
    let first = firstFailure ?? failure
    firstFailure = first
    let place = try places(port)
    recipe = original.on(port: port)
    recipe.controlPath = place.path
    recipe.settings = place.settings
    recipe.settings["DD_APM_RECEIVER_PORT"] = String(port)
    let hint = "to ask this agent from another shell: DD_APM_RECEIVER_PORT=\(port) roost services"
    notes = [first.reason] + place.notes + [hint]
    return order(&actions)
  }
}
