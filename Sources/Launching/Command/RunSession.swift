import Control
import Platform

/// A command from its start to its end: passes signals on, reports its first trace, and consults the doctor when none
/// comes. Decides only; `RunDriver` does it.
///
/// The command shares the process group and the terminal of this process. What the terminal sends therefore reaches it by
/// itself, and only signals that other processes send to this one are passed on.
package struct RunSession {
  /// After so long without a trace the doctor is consulted.
  static let patience = Duration.seconds(10)
  /// Between looks for the first trace: often at first, for the line should come at once; then less often.
  static let look = Duration.milliseconds(100)
  static let lateLook = Duration.seconds(1)
  static let lateAfter = Duration.seconds(60)

  /// Of one question to the agent: signals wait for it too.
  static let queryLimit = StartingAgent.queryLimit
  /// Of the last question, when no signal needs to be passed on any more; a busy agent may need it.
  static let lastQueryLimit = Duration.milliseconds(500)
  /// Until one that did not answer is asked again.
  static let silentPause = Duration.seconds(1)

  /// Where tracers send that nothing was set for.
  private static let usualPort: UInt16 = 8126

  /// The doctor that looks at the command.
  private enum Doctor {
    case notConsulted
    case looking(ChildProcess)
    case done
  }

  private let command: ChildProcess
  private let started: ContinuousClock.Instant
  private var supervisor: AgentSupervisor
  private var watch: FirstTraceWatch
  private var hasFirstTrace = false
  private var doctor = Doctor.notConsulted
  private var table: RunTable
  /// `nil` where no traces are to be drawn.
  private var live: LiveTraces?
  private let startedNs: Int64
  /// Whether the agent had an answer to the last question.
  private var doesAgentAnswer = true
  private var nextQuery: ContinuousClock.Instant
  private var nextLiveLook: ContinuousClock.Instant
  /// The code to end with, once the command has ended and the last step is due.
  private var ending: Int32?

  /// - Parameters:
  ///   - command: started just now.
  ///   - startedNs: when it was, nanoseconds since 1970.
  ///   - table: made before that.
  ///   - live: draws traces as they end.
  init(
    _ command: ChildProcess, _ agent: AgentForRun, startedNs: Int64, table: RunTable, live: LiveTraces? = nil,
    now: ContinuousClock.Instant
  ) {
    self.command = command
    self.table = table
    self.live = live
    self.startedNs = startedNs
    nextLiveLook = now
    started = now
    nextQuery = now
    supervisor = AgentSupervisor(agent, now: now)
    watch = FirstTraceWatch(child: command.pid, startedNs: startedNs, before: agent.info, isShared: agent.own == nil)
  }

  /// What is due now. The last action is `end` once the command has ended: with its code, or with 128 and the signal that
  /// ended it. A doctor that still looks is ended one step before.
  mutating func step(_ system: some RunSystem) -> [RunAction] {
    if let ending { return finish(ending, system) }
    switch system.change(of: command) {
    case .exited(let code): return commandEnded(code, system)
    case .killed(let signal): return commandEnded(128 + signal, system)
    // At once, without queries before: the shell waits for it.
    case .stopped(let signal) where [SIGTSTP, SIGTTIN, SIGTTOU].contains(signal): return [.stopLikeCommand]
    case .stopped, nil: break
    }
    var actions: [RunAction] = []
    if supervisor.look(system, &actions) { agentChanged(system) }
    if !isHidden, !hasFirstTrace || watch.isShared { watch.look(in: system.processes) }
    lookForFirstTrace(system, &actions)
    drawTraces(system, isLast: false, &actions)
    consultDoctor(system, &actions)
    return actions
  }

  /// Whether the agent cannot be queried, so that no trace and no table can be looked for.
  private var isHidden: Bool { supervisor.agent.hidden != nil }

  /// The longest wait until the next step; `nil` when a signal will say that one is due.
  func pause(now: ContinuousClock.Instant) -> Duration? {
    if ending != nil { return .zero }
    let isEarly = started.duration(to: now) < Self.lateAfter || watch.isShared
    var isDoctorLooking = false
    if case .looking = doctor { isDoctorLooking = true }
    let looks = (hasFirstTrace || isHidden) && !isDoctorLooking ? nil : isEarly ? Self.look : Self.lateLook
    let drawing = live == nil || isHidden ? nil : LiveTraces.pause
    let own = [looks, drawing].compactMap(\.self).min()
    guard let own, let other = supervisor.patience else { return own ?? supervisor.patience }
    return min(own, other)
  }

  /// Passes a signal on, unless the command has it already: from the terminal, or because its own process tree sent it to
  /// the whole group.
  func receive(_ signal: ReceivedSignal, _ system: some RunSystem) -> [RunAction] {
    // The command's number may be another process's by now.
    guard ending == nil else { return [] }
    switch signal.number {
    case SIGCHLD, SIGPIPE: return []
    case SIGCONT: return [.send(signal: SIGCONT, to: command)]
    default:
      let isFromInside = system.processes.tree().descendants(of: command.pid).contains(signal.sender)
      return signal.sender == 0 || isFromInside ? [] : [.send(signal: signal.number, to: command)]
    }
  }

  /// What came of the action that starts an agent.
  mutating func started(_ starting: StartingAgent) { supervisor.started(starting) }

  /// The same when no process could be started.
  mutating func failed(_ failure: AgentStartFailure, now: ContinuousClock.Instant) -> [RunAction] {
    var actions: [RunAction] = []
    supervisor.failed(failure, now: now, &actions)
    return actions
  }

  /// The process of the doctor that was to be started.
  mutating func doctorStarted(_ process: ChildProcess) { doctor = .looking(process) }

  private mutating func agentChanged(_ system: some RunSystem) {
    let agent = supervisor.agent
    table.startOver(agent, after: started.duration(to: system.now), system)
    watch.startOver(before: agent.info, isShared: agent.own == nil)
  }

  /// Ends a doctor that still looks before the last queries, which may take seconds; the next step finishes then.
  private mutating func commandEnded(_ code: Int32, _ system: some RunSystem) -> [RunAction] {
    ending = code
    guard case .looking(let process) = doctor, system.change(of: process) == nil else { return finish(code, system) }
    doctor = .done
    return [.send(signal: SIGTERM, to: process)]
  }

  private mutating func finish(_ code: Int32, _ system: some RunSystem) -> [RunAction] {
    var actions: [RunAction] = []
    if supervisor.lookForTheLastTime(system, &actions) { agentChanged(system) }
    var isAllOfCommand = false
    var others: Set<String> = []
    if supervisor.isThere, !isHidden,
      let info = queryAgent(within: doesAgentAnswer ? Self.lastQueryLimit : Self.queryLimit, system)
    {
      // A short program sends everything at its very end.
      if !hasFirstTrace { reportFirstTrace(info, system, &actions) }
      isAllOfCommand = watch.isAllOfCommand(info, system.processes)
      if !isAllOfCommand { others = watch.servicesOfOthers(info, system.processes) }
    }
    drawTraces(system, isLast: true, &actions)
    conclude(isAllOfCommand, servicesOfOthers: others, system, &actions)
    supervisor.stop(&actions)
    return actions + [.end(code: code)]
  }

  /// The last words: the table of what came, or that nothing did.
  private func conclude(
    _ isAllOfCommand: Bool, servicesOfOthers: Set<String>, _ system: some RunSystem, _ actions: inout [RunAction]
  ) {
    guard supervisor.isThere else {
      actions.append(.report("no agent was there at the end; what the command sent last is lost"))
      return
    }
    if let hidden = supervisor.agent.hidden {
      actions.append(.report("what the command sent went to \(hidden.name)"))
      return
    }
    let elapsed = started.duration(to: system.now)
    guard doesAgentAnswer, var tables = table.tables(elapsed: elapsed, system) else {
      let pid = supervisor.agent.info.pid
      actions.append(.report("the agent (pid \(pid)) does not answer; what the command sent is not known here"))
      return
    }
    let isEmpty = tables.services.rows.isEmpty
    if !isEmpty {
      tables.servicesOfOthers = servicesOfOthers.intersection(tables.services.rows.map(\.service))
      tables.traces = RunTraces.find(
        at: supervisor.agent.recipe.controlPath, sinceNs: startedNs, within: Self.lastQueryLimit, system)
      let above = isAllOfCommand ? [] : ["what all clients sent to the agent during the run, not only the command:"]
      actions.append(.showTables(tables, above: above, below: table.notes(elapsed: elapsed)))
    }
    if !hasFirstTrace, isEmpty || !isAllOfCommand {
      let what = isEmpty && !watch.hasUnclaimed ? "came from the command" : "is known to have come from the command"
      // It has ended: what its tracer said is all that can still be looked at.
      actions.append(
        .report(
          "no trace \(what) in \(FirstTrace.seconds(elapsed)); roost doctor --log FILE explains what its tracer said"))
    }
    if !isEmpty { actions.append(.report(supervisor.agent.keeping)) }
  }

  private mutating func lookForFirstTrace(_ system: some RunSystem, _ actions: inout [RunAction]) {
    let now = system.now
    guard !hasFirstTrace, !isHidden, supervisor.isThere, now >= nextQuery else { return }
    if started.duration(to: now) >= Self.lateAfter { nextQuery = now + Self.lateLook }
    if let info = queryAgent(within: Self.queryLimit, system) { reportFirstTrace(info, system, &actions) }
  }

  /// Draws the traces that have ended, a look at a time; at the end of the run whatever has come of the others.
  private mutating func drawTraces(_ system: some RunSystem, isLast: Bool, _ actions: inout [RunAction]) {
    guard var live, !isHidden, supervisor.isThere, isLast || system.now >= nextLiveLook else { return }
    nextLiveLook = system.now + LiveTraces.pause
    actions += live.look(
      at: supervisor.agent.recipe.controlPath, within: isLast ? Self.lastQueryLimit : Self.queryLimit, isLast: isLast,
      system
    ) { [watch] in watch.isOfCommand($0, system.processes) }
    self.live = live
  }

  /// What the agent says of itself; `nil` when it says nothing, or when it is another than the one last seen.
  private mutating func queryAgent(within limit: Duration, _ system: some RunSystem) -> InfoAnswer? {
    let agent = supervisor.agent
    if let info = system.info(at: agent.recipe.controlPath, within: limit), agent.isOwnAnswer(info) {
      doesAgentAnswer = true
      return info
    }
    doesAgentAnswer = false
    nextQuery = system.now + Self.silentPause
    return nil
  }

  private mutating func reportFirstTrace(
    _ info: InfoAnswer, _ system: some RunSystem, _ actions: inout [RunAction]
  ) {
    switch watch.find(in: info, system.processes) {
    case .nothing: break
    case .unclaimed(let process): actions.append(.report(FirstTrace.unclaimed(process)))
    case .first(let process, let after):
      hasFirstTrace = true
      actions.append(.reportFirstTrace(FirstTrace.text(process, after: after, page: info.page)))
    }
  }

  private mutating func consultDoctor(_ system: some RunSystem, _ actions: inout [RunAction]) {
    switch doctor {
    case .done: return
    case .looking(let process):
      guard let change = system.change(of: process) else { return }
      doctor = .done
      // Its findings, if there are any, have said the rest.
      if change == .exited(code: 0), !hasFirstTrace {
        actions.append(.report("nothing keeps its traces away; if it waits for requests, send it one"))
      }
    case .notConsulted:
      guard !hasFirstTrace, !isHidden, started.duration(to: system.now) >= Self.patience else { return }
      doctor = .done
      let pid = system.processes.tree().application(of: command.pid)
      let known = watch.hasUnclaimed ? " known to be the command's" : ""
      actions.append(.report("no trace\(known) after 10 s; looking at pid \(pid)"))
      if case .tcp(_, let port) = supervisor.agent.target, port != Self.usualPort {
        let hint = "tracers of before 2018 read no setting and send to port \(Self.usualPort) only, not to this agent"
        actions.append(.report(hint))
      }
      actions.append(.consultDoctor(pid: pid, settings: supervisor.agent.recipe.settings))
    }
  }
}
