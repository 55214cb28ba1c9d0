import Control
import Launching
import Platform
import Terminal

/// A command from its start to its end: passes signals on, tells of its first trace, and asks the doctor when none comes.
///
/// The command shares the process group and the terminal of this process. What the terminal sends therefore reaches it by
/// itself, and only signals that other processes send to this one are passed on.
struct RunSession: ~Copyable {
  /// After so long without a trace the doctor is asked.
  static let patience = Duration.seconds(10)
  /// Between looks for the first trace: often at first, for the line should come at once; then less often.
  static let look = Duration.milliseconds(100)
  static let lateLook = Duration.seconds(1)
  static let lateAfter = Duration.seconds(60)

  /// Of one question to the agent: signals wait for it too.
  static let askLimit = Duration.milliseconds(200)
  /// Of the last question, when no signal needs to be passed on any more; a busy agent may need it.
  static let lastAskLimit = Duration.milliseconds(500)
  /// Until one that did not answer is asked again.
  static let silentPause = Duration.seconds(1)

  /// The last is taken so that nobody reading what this process says any more does not end it; the command gets its own.
  static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD, SIGPIPE,
  ]

  /// Where tracers send that were told nothing.
  private static let usualPort: UInt16 = 8126

  private let child: ChildProcess
  private var supervisor: AgentSupervisor
  private let context: CommandContext
  private let inbox: SignalInbox
  private let started = ContinuousClock.now
  private var watch: FirstTraceWatch
  private(set) var hasFirstTrace = false
  private var doctor: ChildProcess?
  private var hasAskedDoctor = false
  private(set) var report: RunReport
  /// Whether the agent had an answer to the last question.
  private(set) var doesAgentAnswer = true
  /// Whether all that came is known to be of the command; known at its end.
  private(set) var isAllOfCommand = false
  private var nextAsk = ContinuousClock.now

  init(
    _ child: ChildProcess, _ agent: AgentForRun, _ context: CommandContext, inbox: consuming SignalInbox,
    startedNs: Int64, report: RunReport
  ) {
    self.child = child
    supervisor = AgentSupervisor(agent) { Output.failure(safeText($0)) }
    self.context = context
    self.inbox = inbox
    watch = FirstTraceWatch(child: child.pid, startedNs: startedNs, before: agent.info, isShared: agent.own == nil)
    self.report = report
  }

  var elapsed: Duration { started.duration(to: .now) }

  /// Returns when the command has ended, with the code to end with: its own, or 128 and the signal that ended it.
  mutating func run() -> Int32 {
    while true {
      while let signal = inbox.next() { pass(signal) }
      switch child.poll() {
      case .exited(let code): return finish(code)
      case .killed(let signal): return finish(128 + signal)
      case .stopped(let signal): stopToo(after: signal)
      case nil: break
      }
      if supervisor.look() { agentChanged() }
      if !hasFirstTrace || watch.isShared { watch.look() }
      lookForFirstTrace()
      consultDoctor()
      inbox.wait(atMost: patience)
    }
  }

  /// The agent that the command has now, or had last.
  var agent: AgentForRun { supervisor.agent }

  var isAgentThere: Bool { supervisor.isThere }

  /// Ends the agent if it is this run's own.
  mutating func stopAgent() { supervisor.stop() }

  private var patience: Duration? {
    let isEarly = elapsed < Self.lateAfter || watch.isShared
    let own = hasFirstTrace && doctor == nil ? nil : isEarly ? Self.look : Self.lateLook
    guard let own, let other = supervisor.patience else { return own ?? supervisor.patience }
    return min(own, other)
  }

  private mutating func agentChanged() {
    report.startOver(agent, after: elapsed)
    watch.startOver(before: agent.info, isShared: agent.own == nil)
  }

  private mutating func finish(_ code: Int32) -> Int32 {
    if let doctor, doctor.poll() == nil { doctor.send(SIGTERM) }
    if supervisor.lookForTheLastTime() { agentChanged() }
    guard isAgentThere, let info = askAgent(within: doesAgentAnswer ? Self.lastAskLimit : Self.askLimit) else {
      return code
    }
    // A short program sends everything at its very end.
    if !hasFirstTrace { tellFirstTrace(info) }
    isAllOfCommand = watch.isAllOfCommand(info)
    return code
  }

  /// Passes a signal on, unless the command has it already: from the terminal, or because its own family sent it to the
  /// whole group.
  private func pass(_ signal: ReceivedSignal) {
    switch signal.number {
    case SIGCHLD, SIGPIPE: break
    case SIGCONT: child.send(SIGCONT)
    default:
      guard signal.sender != 0, !ProcessTree.now().descendants(of: child.pid).contains(signal.sender) else { return }
      child.send(signal.number)
    }
  }

  /// When the command is stopped by job control, so is this process: the shell waits for it alone. It goes on with
  /// SIGCONT, which is passed on like any other.
  private func stopToo(after signal: Int32) {
    if [SIGTSTP, SIGTTIN, SIGTTOU].contains(signal) { raise(SIGSTOP) }
  }

  private mutating func lookForFirstTrace() {
    let now = ContinuousClock.now
    guard !hasFirstTrace, isAgentThere, now >= nextAsk else { return }
    if elapsed >= Self.lateAfter { nextAsk = now + Self.lateLook }
    if let info = askAgent(within: Self.askLimit) { tellFirstTrace(info) }
  }

  /// What the agent says of itself; `nil` when it says nothing, or when it is another than the one last seen.
  private mutating func askAgent(within limit: Duration) -> InfoAnswer? {
    do throws(ControlError) {
      if case .info(let info) = try agent.client.ask(.info, within: limit), agent.isOwnAnswer(info) {
        doesAgentAnswer = true
        return info
      }
    } catch {}
    doesAgentAnswer = false
    nextAsk = .now + Self.silentPause
    return nil
  }

  private mutating func tellFirstTrace(_ info: InfoAnswer) {
    switch watch.find(in: info) {
    case .nothing: break
    case .unclaimed(let process): tell(FirstTrace.unclaimed(process))
    case .first(let process, let after):
      hasFirstTrace = true
      let mark = Style.good.applied(to: "✓", colors: context.errorDrawing.colors)
      Output.problem("\(mark) \(safeText(FirstTrace.text(process, after: after)))")
    }
  }

  /// Whether something came that may or may not have been the command's.
  var hasUnclaimed: Bool { watch.hasUnclaimed }

  private mutating func consultDoctor() {
    if let doctor {
      guard let change = doctor.poll() else { return }
      self.doctor = nil
      // The report has said the rest.
      if change == .exited(code: 0), !hasFirstTrace {
        tell("nothing keeps its traces away; if it waits for requests, send it one")
      }
      return
    }
    guard !hasFirstTrace, !hasAskedDoctor, elapsed >= Self.patience else { return }
    hasAskedDoctor = true
    let pid = String(ProcessTree.now().application(of: child.pid))
    tell("no trace\(hasUnclaimed ? " known to be the command's" : "") after 10 s; looking at pid \(pid)")
    if case .tcp(_, let port) = agent.target, port != Self.usualPort {
      tell("tracers of before 2018 read no setting and send to port \(Self.usualPort) only, not to this agent")
    }
    guard let program = OwnExecutable.path else { return }
    let configuration = context.options.configPath.map { ["--config", $0] } ?? []
    let color = ["--color", context.errorDrawing.colors ? "always" : "never"]
    let words = [program, "doctor"] + configuration + color + ["--pid", pid]
    doctor = try? ChildProcess(
      words.map { Array($0.utf8) }, environment: OwnExecutable.environment(changing: agent.recipe.settings),
      streams: .errorsOnly)
  }

  private func tell(_ text: String) { Output.problem("roost: " + safeText(text)) }
}
