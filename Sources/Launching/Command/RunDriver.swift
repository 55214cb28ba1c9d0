import Control
import Platform

/// Does what the search for an agent and the session of a command decide: processes, signals and waits.
package struct RunDriver: ~Copyable {
  /// The last is taken so that nobody reading what this process says any more does not end it; the command gets its own.
  private static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGCHLD, SIGPIPE,
  ]
  /// Those that end a run which has no command yet.
  private static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

  private let inbox: SignalInbox
  private let output: any RunOutput
  private let logFolders: [String]
  private let doctorWords: [String]
  private let system = ThisSystem()

  /// Takes the signals of this process from now on.
  ///
  /// - Parameters:
  ///   - output: where the run speaks.
  ///   - environment: of this process; says where temporary files go.
  ///   - doctorWords: arguments of this program that make it look at a process, whose number follows.
  package init(
    output: any RunOutput, environment: [String: String], doctorWords: [String]
  ) throws(SystemError) {
    inbox = try SignalInbox(Self.signals)
    self.output = output
    self.doctorWords = doctorWords
    logFolders = AgentLog.folders(environment)
  }

  /// The agent for a run, and the signal that came meanwhile and was to end the run: then no command is to be started.
  package borrowing func findAgent(
    _ search: consuming AgentSearch
  ) throws(AgentSearch.Failure) -> (agent: AgentForRun, ending: Int32?) {
    var ending: Int32?
    while true {
      while let signal = inbox.next() {
        if Self.endings.contains(signal.number) { ending = signal.number }
      }
      var actions: [RunAction] = []
      let result = search.step(system, isAborted: ending != nil, &actions)
      for action in actions {
        guard case .start(let recipe) = action else {
          perform(action)
          continue
        }
        recipe.store?.removeEarlier(system.processes)
        do throws(AgentStartFailure) {
          search.started(try start(recipe))
        } catch {
          search.failed(error, now: system.now)
        }
      }
      switch result {
      case .found(let agent): return (agent, ending)
      case .failed(let failure): throw failure
      case nil: if search.pause > .zero { pause(search.pause) }
      }
    }
  }

  /// Ends an agent that was found for a command which did not come to run.
  package borrowing func stop(_ agent: AgentForRun) {
    if let own = agent.own { perform(.stop(own, .removeIfEndedWell)) }
  }

  /// Starts a command and stays with it to its end.
  ///
  /// - Parameters:
  ///   - words: the program and its arguments.
  ///   - changes: variables that are set beside those of this process.
  ///   - isLive: whether each trace is drawn when it has ended.
  /// - Returns: the code to end with.
  package borrowing func run(
    _ words: [[UInt8]], changing changes: [String: String], _ agent: AgentForRun, isLive: Bool = false
  ) throws(SystemError) -> Int32 {
    let table = RunTable(agent, system)
    let startedNs = Self.nowNs
    let command = try ChildProcess(
      words, environment: OwnExecutable.environment(changing: changes), streams: .inherited)
    let live = isLive ? LiveTraces(sinceNs: startedNs) : nil
    var session = RunSession(command, agent, startedNs: startedNs, table: table, live: live, now: system.now)
    while true {
      while let signal = inbox.next() { _ = perform(session.receive(signal, system), &session) }
      if let code = perform(session.step(system), &session) { return code }
      inbox.wait(atMost: session.pause(now: system.now))
    }
  }

  /// The code to end with, when that was among the actions.
  private borrowing func perform(_ actions: [RunAction], _ session: inout RunSession) -> Int32? {
    for action in actions {
      switch action {
      case .end(let code): return code
      case .start(let recipe):
        do throws(AgentStartFailure) {
          session.started(try start(recipe))
        } catch {
          for action in session.failed(error, now: system.now) { perform(action) }
        }
      case .consultDoctor(let pid, let settings):
        if let process = startDoctor(pid, settings) { session.doctorStarted(process) }
      default: perform(action)
      }
    }
    return nil
  }

  /// Does an action after which nothing has to be reported back.
  private borrowing func perform(_ action: RunAction) {
    switch action {
    case .report(let text): output.report(text)
    case .reportFirstTrace(let text): output.reportFirstTrace(text)
    case .showTrace(let trace): output.showTrace(trace)
    case .showTables(let tables, let above, let below): output.showTables(tables, above: above, below: below)
    case .stop(let own, let disposal): own.log.dispose(disposal, endedWell: own.process.end())
    case .close(let log, let disposal): log.dispose(disposal)
    case .send(let signal, let process): process.send(signal)
    case .stopLikeCommand: raise(SIGSTOP)
    case .start, .consultDoctor, .end: break
    }
  }

  private borrowing func start(_ recipe: AgentRecipe) throws(AgentStartFailure) -> StartingAgent {
    guard let program = OwnExecutable.launchPath else {
      throw AgentStartFailure(cause: .notPrepared, reason: "the system does not tell where this program is")
    }
    guard let log = AgentLog(in: logFolders) else {
      let folders = logFolders.joined(separator: " or ")
      throw AgentStartFailure(cause: .notPrepared, reason: "no log file can be made in \(folders)")
    }
    var changes = recipe.settings
    changes[AgentRecipe.parentVariable] = String(getpid())
    do throws(SystemError) {
      let process = try ChildProcess(
        ([program] + recipe.allWords).map { Array($0.utf8) }, environment: OwnExecutable.environment(changing: changes),
        streams: .background(output: log.descriptor))
      return StartingAgent(process, log: log, recipe: recipe, now: system.now)
    } catch {
      log.dispose(.remove)
      throw AgentStartFailure(cause: .notStarted, reason: "\(error)")
    }
  }

  /// `nil` when it cannot be started; its look was an offer.
  private borrowing func startDoctor(_ pid: Int32, _ settings: [String: String]) -> ChildProcess? {
    guard let program = OwnExecutable.launchPath else { return nil }
    let words = [program] + doctorWords + [String(pid)]
    return try? ChildProcess(
      words.map { Array($0.utf8) }, environment: OwnExecutable.environment(changing: settings), streams: .errorsOnly)
  }

  private borrowing func pause(_ time: Duration) {
    var nothing = pollfd(fd: -1, events: 0, revents: 0)
    _ = poll(&nothing, 0, Int32(clamping: time.milliseconds))
  }

  private static var nowNs: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension ChildProcess {
  /// From the signal to the end at most; an agent has 5 s to send what it holds.
  private static let endLimit = Duration.seconds(7)
  private static let endPause: UInt32 = 10_000

  /// Ends an agent and waits for it; false when it did not end well.
  fileprivate func end() -> Bool {
    send(SIGTERM)
    // One that somebody has stopped could not follow.
    send(SIGCONT)
    let deadline = ContinuousClock.now + Self.endLimit
    while ContinuousClock.now < deadline {
      switch poll() {
      case .exited(let code): return code == 0
      case .killed: return false
      case .stopped, nil: usleep(Self.endPause)
      }
    }
    send(SIGKILL)
    return false
  }
}
