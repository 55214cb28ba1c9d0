import Launching
import Platform
import Terminal

/// `roost run -- COMMAND…`: a command with its tracing set up, and an agent for it.
enum RunCommand: RoostCommand {
  static let model = CommandModel(
    "run", summary: "Start a command with its traces sent here.",
    details: """
      Starts an agent if none is there, sets in the command's environment what its tracer needs to reach
      the agent and to keep everything, and never changes what you set yourself. Tells of the first
      trace; after ten seconds without one, says why. At the end it lists the services that were
      sent and exits with the command's code. All that roost says goes to standard error.

      Others may send to the same agent. A trace is taken for the command's if its process was seen
      to descend from the command; the list says when it may hold what others sent.
      """,
    arguments: [ArgumentModel("[--] COMMAND…")], globals: ["config", "color", "width"],
    takesRest: true)

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let count = context.parsed.arguments.count - (context.parsed.arguments.first == "--" ? 1 : 0)
    let words = OwnExecutable.lastArguments(count)
    guard let first = words.first else {
      throw CommandFailure(.usage, "`roost run` needs a command: roost run -- python app.py")
    }
    if first.first == UInt8(ascii: "-"), count == context.parsed.arguments.count {
      throw CommandFailure(.usage, "options of roost come before `run`; a command that begins with a dash, behind --")
    }
    let inbox: SignalInbox
    do { inbox = try SignalInbox(RunSession.signals) } catch { throw CommandFailure(.temporary, "\(error)") }
    return try run(words, context, inbox)
  }

  private static func run(
    _ words: [[UInt8]], _ context: CommandContext, _ inbox: consuming SignalInbox
  ) throws(CommandFailure) -> ExitCode {
    var ending: Int32?
    let agent = try AgentForRun.find(context) {
      while let signal = inbox.next() {
        if [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains(signal.number) { ending = signal.number }
      }
      return ending != nil
    }
    if let ending {
      agent.own?.stop()
      return ExitCode(rawValue: 128 + ending)
    }
    for note in agent.notes { Output.failure(safeText(note)) }
    let environment = ChildEnvironment.prepare(base: context.environment, target: agent.target)
    for note in environment.notes { Output.problem("! " + safeText(note)) }
    let report = RunReport(agent)
    let startedNs = nowNs
    let child: ChildProcess
    do throws(CommandFailure) {
      child = try start(words, environment, context)
    } catch {
      agent.own?.stop()
      throw error
    }
    var session = RunSession(child, agent, context, inbox: inbox, startedNs: startedNs, report: report)
    let code = session.run()
    tell(session, context)
    session.stopAgent()
    return ExitCode(rawValue: code)
  }

  private static func start(
    _ words: [[UInt8]], _ environment: ChildEnvironment, _ context: CommandContext
  ) throws(CommandFailure) -> ChildProcess {
    let changes = environment.variables.filter { context.environment[$0.key] != $0.value }
    do {
      return try ChildProcess(
        words, environment: OwnExecutable.environment(changing: changes), streams: .inherited)
    } catch {
      let name = safeText(String(decoding: words.first ?? [], as: UTF8.self))
      let isMissing = error.number == ENOENT
      throw CommandFailure(
        isMissing ? .noCommand : .cannotStart,
        isMissing ? "there is no command \(name)" : "cannot start \(name): \(systemErrorText(error.number))")
    }
  }

  /// The last words: the table of what came, or that nothing did.
  private static func tell(_ session: borrowing RunSession, _ context: CommandContext) {
    guard session.isAgentThere else {
      Output.failure("no agent was there at the end; what the command sent last is lost")
      return
    }
    let isAll = session.isAllOfCommand
    guard session.doesAgentAnswer,
      let lines = session.report.lines(
        elapsed: session.elapsed, isAllOfCommand: isAll, drawing: context.errorDrawing)
    else {
      Output.failure(
        "the agent (pid \(session.agent.info.pid)) does not answer; what the command sent is not known here")
      return
    }
    for line in lines { Output.problem(line) }
    guard !session.hasFirstTrace, lines.isEmpty || !isAll else { return }
    let what =
      lines.isEmpty && !session.hasUnclaimed ? "came from the command" : "is known to have come from the command"
    let time = FirstTrace.seconds(session.elapsed)
    Output.failure("no trace \(what) in \(time); while one runs, roost doctor --pid PID says why")
  }

  private static var nowNs: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
