import Control
import Launching
import Platform
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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

  /// The last is taken so that nobody reading what this process says any more does not end it; the command gets its own.
  static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD, SIGPIPE,
  ]

  /// Where tracers send that were told nothing.
  private static let usualPort: UInt16 = 8126

  private let child: ChildProcess
  private var keeper: AgentKeeper
  private let context: CommandContext
  private let inbox: SignalInbox
  private let started = ContinuousClock.now
  private var watch: FirstTraceWatch
  private(set) var hasFirstTrace = false
  private var doctor: ChildProcess?
  private var hasAskedDoctor = false
  /// When another agent took the place of the first.
  private(set) var agentChangedAfter: Duration?

  init(
    _ child: ChildProcess, _ agent: AgentForRun, _ context: CommandContext, inbox: consuming SignalInbox,
    startedNs: Int64
  ) {
    self.child = child
    keeper = AgentKeeper(agent) { Output.failure(safeText($0)) }
    self.context = context
    self.inbox = inbox
    watch = FirstTraceWatch(child: child.pid, startedNs: startedNs, before: agent.info)
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
      if keeper.look() { agentChanged() }
      lookForFirstTrace()
      consultDoctor()
      inbox.wait(atMost: patience)
    }
  }

  /// The agent that the command has now, or had last.
  var agent: AgentForRun { keeper.agent }

  var isAgentThere: Bool { keeper.isThere }

  /// Ends the agent if it is this run's own.
  mutating func stopAgent() { keeper.stop() }

  private var patience: Duration? {
    let own = hasFirstTrace && doctor == nil ? nil : elapsed < Self.lateAfter ? Self.look : Self.lateLook
    guard let own, let other = keeper.patience else { return own ?? keeper.patience }
    return min(own, other)
  }

  private mutating func agentChanged() {
    agentChangedAfter = elapsed
    watch.startOver()
  }

  private mutating func finish(_ code: Int32) -> Int32 {
    if let doctor, doctor.poll() == nil { doctor.send(SIGTERM) }
    keeper.lookForTheLastTime()
    // A short program sends everything at its very end.
    lookForFirstTrace()
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
    guard !hasFirstTrace, isAgentThere, case .info(let info)? = try? agent.client.ask(.info),
      let first = watch.find(in: info)
    else { return }
    hasFirstTrace = true
    let mark = Style.good.applied(to: "✓", colors: context.errorDrawing.colors)
    Output.problem("\(mark) \(safeText(FirstTrace.text(first.process, after: first.after)))")
  }

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
    tell("no trace after 10 s; looking at pid \(pid)")
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
