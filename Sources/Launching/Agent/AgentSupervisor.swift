import Addresses
import Control

/// Sees to it that a command has an agent for as long as it runs.
///
/// An agent that this run started is started again once. One of another run ends with that, however that went, and this
/// run then starts its own where it was. One that runs for its own sake is its owner's: when it ends, that is reported
/// and nothing else done.
struct AgentSupervisor: Sendable {
  /// Between looks at an agent that others started, and for another one while there is none.
  static let pause = Duration.seconds(1)
  /// Between looks at one that is being started.
  static let startPause = Duration.milliseconds(50)
  /// How often it is tried to start one: whoever had the port may need a moment to release it.
  static let attempts = 4

  private enum State {
    case there
    /// A start was asked for.
    case ordered
    case starting(StartingAgent)
    case missing
  }

  /// The one that is there, or the last that was.
  private(set) var agent: AgentForRun
  private var state = State.there
  private var nextLook: ContinuousClock.Instant
  private var attemptsLeft = 0
  /// Whether this run's own agent may be started again when it ends by itself.
  private var mayStartAgain = true

  init(_ agent: AgentForRun, now: ContinuousClock.Instant) {
    self.agent = agent
    nextLook = now + Self.pause
  }

  var isThere: Bool {
    if case .there = state { true } else { false }
  }

  /// The longest wait until the next look; `nil` when a signal will say that one is due.
  var patience: Duration? {
    switch state {
    case .there: agent.own == nil ? Self.pause : nil
    case .ordered, .starting: Self.startPause
    case .missing: Self.pause
    }
  }

  /// Looks what has become of it and decides what is due. True when there is another one than at the last look.
  mutating func look(_ system: some RunSystem, _ actions: inout [RunAction]) -> Bool {
    switch state {
    case .there: return checkIsThere(system, &actions)
    case .ordered: return false
    case .starting(let starting): return check(starting, system, &actions)
    case .missing: return isLookDue(system) && findOrStart(system, &actions)
    }
  }

  /// At the end of the command: looks once more, without starting one. True when there is another one.
  mutating func lookForTheLastTime(_ system: some RunSystem, _ actions: inout [RunAction]) -> Bool {
    guard case .there = state else { return false }
    if let own = agent.own {
      mayStartAgain = false
      if let how = Self.ending(own, system) { lost(own, how, &actions) }
      return false
    }
    let sight = lookAtOthers(system, &actions)
    if sight == .gone { state = .missing }
    return sight == .changed
  }

  /// Ends the agent that this run started.
  mutating func stop(_ actions: inout [RunAction]) {
    switch state {
    case .there: if let own = agent.own { actions.append(.stop(own, .removeIfEndedWell)) }
    case .starting(let starting):
      actions.append(.stop(OwnAgent(process: starting.process, log: starting.log), .remove))
    case .ordered, .missing: break
    }
    state = .missing
  }

  /// What came of the action that starts an agent.
  mutating func started(_ starting: StartingAgent) { state = .starting(starting) }

  /// The same when it did not come up, or no process could be started.
  mutating func failed(_ failure: AgentStartFailure, now: ContinuousClock.Instant, _ actions: inout [RunAction]) {
    state = .missing
    nextLook = now + Self.pause
    if failure.cause != .addressTaken { attemptsLeft = 0 }
    if attemptsLeft == 0 {
      actions.append(.report("no agent could be started in its place: \(failure.reason); \(loss)"))
    }
  }

  private mutating func isLookDue(_ system: some RunSystem) -> Bool {
    let now = system.now
    guard now >= nextLook else { return false }
    nextLook = now + Self.pause
    return true
  }

  /// What has become of an agent that others started.
  private enum Sight {
    case there
    case changed
    case gone
  }

  private mutating func lookAtOthers(_ system: some RunSystem, _ actions: inout [RunAction]) -> Sight {
    if let hidden = agent.hidden { return isThere(hidden, system) ? .there : .gone }
    let now = system.listener(at: agent.recipe.controlPath)
    if now.differs(from: agent.listener) {
      // Between two looks one may have ended and another begun: that of a run which was faster than this one.
      switch find(system, &actions) {
      case .here: return .changed
      // Whatever became of the one before, what answers now knows nothing of what the command sends.
      case .elsewhere: return .gone
      case .nobody: return stillTakesTraces(system) ? .there : .gone
      }
    }
    return now == .nobody && !stillTakesTraces(system) ? .gone : .there
  }

  /// Its process, where that can be seen: a connection that asks nothing looks like a client's trouble to the agent.
  private func isThere(_ hidden: AgentElsewhere, _ system: some RunSystem) -> Bool {
    guard hidden.pid > 0 else { return system.takesConnections(agent.target) }
    return system.processes.isRunning(Int32(clamping: hidden.pid))
  }

  /// Traces arrive as long as the same process takes connections: its control socket's file may have been swept away. A
  /// process that cannot be seen is not known to be it; then another program may have the port.
  private func stillTakesTraces(_ system: some RunSystem) -> Bool {
    guard case .somebody(let pid) = agent.listener, system.processes.isRunning(pid) else { return false }
    return system.takesConnections(agent.target)
  }

  private mutating func checkIsThere(_ system: some RunSystem, _ actions: inout [RunAction]) -> Bool {
    if let own = agent.own {
      if let how = Self.ending(own, system) { lost(own, how, &actions) }
    } else if isLookDue(system) {
      switch lookAtOthers(system, &actions) {
      case .there: break
      case .changed: return true
      case .gone: othersEnded(&actions)
      }
    }
    return false
  }

  private mutating func othersEnded(_ actions: inout [RunAction]) {
    state = .missing
    guard agent.info.runPid != 0 else {
      let name = agent.hidden?.name ?? "the agent (pid \(agent.info.pid))"
      actions.append(.report("\(name) ended; \(loss)"))
      return
    }
    actions.append(.report("the agent of another run (pid \(agent.info.pid)) ended; starting one in its place"))
    attemptsLeft = Self.attempts
    start(&actions)
  }

  /// How it ended; `nil` when it did not.
  private static func ending(_ own: OwnAgent, _ system: some RunSystem) -> String? {
    switch system.change(of: own.process) {
    case .exited(let code): "with code \(code)"
    case .killed(let signal): "by signal \(signal)"
    case .stopped, nil: nil
    }
  }

  private mutating func lost(_ own: OwnAgent, _ how: String, _ actions: inout [RunAction]) {
    state = .missing
    actions.append(.close(own.log, .keep))
    let what = "the agent of this run (pid \(own.process.pid)) ended \(how); see \(own.log.path)"
    guard mayStartAgain else {
      actions.append(.report("\(what); it is not started again: \(loss)"))
      return
    }
    mayStartAgain = false
    actions.append(.report("\(what); starting another"))
    attemptsLeft = Self.attempts
    start(&actions)
  }

  private var loss: String { "traces are lost until one listens on \(agent.target)" }

  private mutating func start(_ actions: inout [RunAction]) {
    attemptsLeft -= 1
    state = .ordered
    actions.append(.start(agent.recipe))
  }

  private mutating func check(
    _ starting: StartingAgent, _ system: some RunSystem, _ actions: inout [RunAction]
  ) -> Bool {
    switch starting.look(system) {
    case .pending: return false
    case .up(let own, let info):
      adopt(info, own, system)
      let found = "(pid \(info.pid), log \(own.log.path)), on \(agent.target)"
      actions.append(.report("started an agent in its place \(found)"))
      return true
    case .failed(let failure, let cleanup):
      actions += cleanup
      failed(failure, now: system.now, &actions)
      return false
    }
  }

  /// Somebody else may have been faster, or have started one by hand.
  private mutating func findOrStart(_ system: some RunSystem, _ actions: inout [RunAction]) -> Bool {
    if find(system, &actions) == .here { return true }
    if attemptsLeft > 0 { start(&actions) }
    return false
  }

  private enum Found {
    /// Where the command sends to; it has been adopted.
    case here
    /// One that listens on other addresses.
    case elsewhere
    case nobody
  }

  private mutating func find(_ system: some RunSystem, _ actions: inout [RunAction]) -> Found {
    guard let info = system.info(at: agent.recipe.controlPath, within: StartingAgent.queryLimit) else { return .nobody }
    guard SocketAddress.target(listeners: info.listeners) == agent.target else { return .elsewhere }
    adopt(info, nil, system)
    actions.append(.report("using the agent that is there now (pid \(info.pid)), on \(agent.target)"))
    return .here
  }

  private mutating func adopt(_ info: InfoAnswer, _ own: OwnAgent?, _ system: some RunSystem) {
    agent.info = info
    agent.hidden = nil
    agent.own = own
    agent.listener = system.listener(at: agent.recipe.controlPath)
    state = .there
    nextLook = system.now + Self.pause
  }
}
