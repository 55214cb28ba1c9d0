import Control
import Launching
import Terminal

/// Sees to it that a command has an agent for as long as it runs.
///
/// An agent that this run started is started again once. One of another run ends with that, however that went, and this
/// run then starts its own where it was. One that runs for its own sake is its owner's: when it ends, that is told and
/// nothing else done.
struct AgentSupervisor {
  /// Between looks at an agent that others started, and for another one while there is none.
  private static let pause = Duration.seconds(1)
  /// Between looks at one that is being started.
  private static let startPause = Duration.milliseconds(50)
  /// How often it is tried to start one: whoever had the port may need a moment to let go of it.
  private static let attempts = 4

  private enum State {
    case there
    case starting(StartingAgent)
    case missing
  }

  /// The one that is there, or the last that was.
  private(set) var agent: AgentForRun
  private var state = State.there
  private var nextLook = ContinuousClock.now + pause
  private var attemptsLeft = 0
  /// Whether this run's own agent may be started again when it ends by itself.
  private var mayStartAgain = true
  /// Says a sentence to the user.
  private let tell: (String) -> Void

  init(_ agent: AgentForRun, tell: @escaping (String) -> Void) {
    self.agent = agent
    self.tell = tell
  }

  var isThere: Bool {
    if case .there = state { true } else { false }
  }

  /// The longest wait until the next look; `nil` when a signal will say that one is due.
  var patience: Duration? {
    switch state {
    case .there: agent.own == nil ? Self.pause : nil
    case .starting: Self.startPause
    case .missing: Self.pause
    }
  }

  /// Looks what has become of it and does what is due. True when there is another one than at the last look.
  mutating func look() -> Bool {
    switch state {
    case .there: return checkIsThere()
    case .starting(let starting): return check(starting)
    case .missing where isLookDue(): return findOrStart()
    case .missing: break
    }
    return false
  }

  /// At the end of the command: looks once more, without starting one. True when there is another one.
  mutating func lookForTheLastTime() -> Bool {
    guard case .there = state else { return false }
    if let own = agent.own {
      mayStartAgain = false
      if let how = Self.ending(own) { lost(own, how) }
      return false
    }
    let sight = lookAtOthers()
    if sight == .gone { state = .missing }
    return sight == .changed
  }

  /// Ends the agent that this run started.
  mutating func stop() {
    switch state {
    case .there: agent.own?.stop()
    case .starting(let starting): starting.stop()
    case .missing: break
    }
    state = .missing
  }

  private mutating func isLookDue() -> Bool {
    let now = ContinuousClock.now
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

  private mutating func lookAtOthers() -> Sight {
    let now = agent.client.lookAtListener()
    if now.differs(from: agent.listener) {
      // Between two looks one may have ended and another begun: that of a run which was faster than this one.
      switch find() {
      case .here: return .changed
      // Whatever became of the one before, what answers now knows nothing of what the command sends.
      case .elsewhere: return .gone
      case .nobody: return stillTakesTraces ? .there : .gone
      }
    }
    return now == .nobody && !stillTakesTraces ? .gone : .there
  }

  /// Traces arrive as long as the same process takes connections: its control socket's file may have been swept away. A
  /// process that cannot be seen is not known to be it; then another program may have the port.
  private var stillTakesTraces: Bool {
    guard case .somebody(let pid) = agent.listener, ProcessTree.isRunning(pid) else { return false }
    return ReceiverAddress(agent.target).answers()
  }

  private mutating func checkIsThere() -> Bool {
    if let own = agent.own {
      if let how = Self.ending(own) { lost(own, how) }
    } else if isLookDue() {
      switch lookAtOthers() {
      case .there: break
      case .changed: return true
      case .gone: othersEnded()
      }
    }
    return false
  }

  private mutating func othersEnded() {
    state = .missing
    guard agent.info.runPid != 0 else { return tell("the agent (pid \(agent.info.pid)) ended; \(loss)") }
    tell("the agent of another run (pid \(agent.info.pid)) ended; starting one in its place")
    attemptsLeft = Self.attempts
    start()
  }

  /// How it ended; `nil` when it did not.
  private static func ending(_ own: OwnAgent) -> String? {
    switch own.process.poll() {
    case .exited(let code): "with code \(code)"
    case .killed(let signal): "by signal \(signal)"
    case .stopped, nil: nil
    }
  }

  private mutating func lost(_ own: OwnAgent, _ how: String) {
    state = .missing
    own.log.keep()
    let what = "the agent of this run (pid \(own.process.pid)) ended \(how); see \(own.log.path)"
    guard mayStartAgain else { return tell("\(what); it is not started again: \(loss)") }
    mayStartAgain = false
    tell("\(what); starting another")
    attemptsLeft = Self.attempts
    start()
  }

  private var loss: String { "traces are lost until one listens on \(agent.target)" }

  private mutating func start() {
    attemptsLeft -= 1
    do throws(StartingAgent.Failure) {
      state = .starting(try StartingAgent(agent.recipe))
    } catch {
      failed(error)
    }
  }

  private mutating func failed(_ failure: StartingAgent.Failure) {
    state = .missing
    nextLook = .now + Self.pause
    if failure.code != .cannotCreate { attemptsLeft = 0 }
    if attemptsLeft == 0 { tell("no agent could be started in its place: \(failure.reason); \(loss)") }
  }

  private mutating func check(_ starting: StartingAgent) -> Bool {
    do throws(StartingAgent.Failure) {
      guard let own = try starting.look() else { return false }
      adopt(own.info, own)
      tell("started an agent in its place (pid \(own.info.pid), log \(own.log.path)), on \(agent.target)")
      return true
    } catch {
      failed(error)
      return false
    }
  }

  /// Somebody else may have been faster, or have started one by hand.
  private mutating func findOrStart() -> Bool {
    if find() == .here { return true }
    if attemptsLeft > 0 { start() }
    return false
  }

  private enum Found {
    /// Where the command sends to; it has been adopted.
    case here
    /// One that listens on other addresses.
    case elsewhere
    case nobody
  }

  private mutating func find() -> Found {
    guard case .info(let info)? = try? agent.client.ask(.info, within: RunSession.askLimit) else { return .nobody }
    guard AgentTarget(listeners: info.listeners) == agent.target else { return .elsewhere }
    adopt(info, nil)
    tell("using the agent that is there now (pid \(info.pid)), on \(agent.target)")
    return .here
  }

  private mutating func adopt(_ info: InfoAnswer, _ own: OwnAgent?) {
    agent.info = info
    agent.own = own
    agent.listener = agent.client.lookAtListener()
    state = .there
    nextLook = .now + Self.pause
  }
}

extension ReceiverAddress {
  fileprivate init(_ target: AgentTarget) {
    switch target {
    case .tcp(let host, let port): self = .tcp(host: host, port: port)
    case .unix(let path): self = .unix(path: path)
    }
  }
}
