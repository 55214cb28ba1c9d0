import Addresses
import Control
import Diagnosis
import Launching
import Platform
import Terminal
import Text

/// `roost run -- COMMAND…`: a command with its tracing set up, and an agent for it.
enum RunCommand: RoostCommand {
  static let model = CommandModel(
    "run", summary: "Start a command with its traces sent here.",
    details: """
      Starts an agent if none is there, sets in the command's environment what its tracer needs to reach
      the agent and to keep everything, and never changes what you set yourself. Tells of the first
      trace, and where a browser shows it; after ten seconds without one, says why. At the end it
      lists the services that were sent, their busiest resources and those with errors, the slowest
      traces and those that failed, and exits with the command's code. An agent that it started ends
      with it; what that kept can be read until the next run (`--db FILE`, named in the last line),
      if the configuration names no file of its own. All that roost says goes to standard error.

      Others may send to the same agent. A trace is taken for the command's if its process was seen
      to descend from the command; the list says when it may hold what others sent. Of an agent that
      you may not query, another user's or one in a container, nothing of this can be told: it is
      named at the start and at the end.
      """,
    arguments: [ArgumentModel("[--] COMMAND…")],
    options: [OptionModel("live", help: "Draw each trace in few lines when it has ended.")],
    globals: ["config", "color", "width"],
    takesRest: true)

  static func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let count = context.parsed.arguments.count - (context.parsed.arguments.first == "--" ? 1 : 0)
    let words = OwnExecutable.lastArguments(count)
    guard let first = words.first else {
      throw CommandFailure(.usage, "`roost run` needs a command: roost run -- python app.py")
    }
    if let problem = ProgramSearch.problem(of: first, path: context.environment["PATH"]) {
      throw CommandFailure(first, problem)
    }
    return ExitCode(rawValue: try run(words, context))
  }

  private static func run(_ words: [[UInt8]], _ context: CommandContext) throws(CommandFailure) -> Int32 {
    let output = RunErrorStream(drawing: context.errorDrawing)
    let driver: RunDriver
    do {
      driver = try RunDriver(output: output, environment: context.environment, doctorWords: doctorWords(context))
    } catch {
      throw CommandFailure(.temporary, "\(error)")
    }
    let (agent, ending) = try findAgent(driver, context)
    if let ending {
      driver.stop(agent)
      return 128 + ending
    }
    for note in agent.notes { output.report(note) }
    let environment = ChildEnvironment.prepare(base: context.environment, target: agent.target)
    for note in environment.notes { Output.problem("! " + safeText(note)) }
    let changes = environment.variables.filter { context.environment[$0.key] != $0.value }
    do {
      return try driver.run(words, changing: changes, agent, isLive: context.parsed.has("live"))
    } catch {
      driver.stop(agent)
      throw CommandFailure(words, error)
    }
  }

  private static func findAgent(
    _ driver: borrowing RunDriver, _ context: CommandContext
  ) throws(CommandFailure) -> (AgentForRun, ending: Int32?) {
    let configuration = try ConfigurationInForce(context)
    do throws(AgentSearch.Failure) {
      let search = try AgentSearch(
        words: ["serve"] + configWords(context),
        typedOptions: configWords(context).map { " " + shellWord($0) }.joined(),
        store: configuration.value.storePath == nil
          ? RunStore(environment: context.environment, quoted: shellWord) : nil,
        addressTakenCode: ExitCode.cannotCreate.rawValue, mayMove: configuration.value.receiverPort != 0,
        elsewhere: { AgentElsewhere(configuration) }
      ) { port throws(AgentSearch.Failure) in
        do throws(CommandFailure) {
          return ControlPlace.choose(try configuration.controlPaths(port: port.map(Int.init)))
        } catch {
          throw .noPlace(error.message)
        }
      }
      return try driver.findAgent(search)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func configWords(_ context: CommandContext) -> [String] {
    context.options.configPath.map { ["--config", $0] } ?? []
  }

  private static func doctorWords(_ context: CommandContext) -> [String] {
    ["doctor"] + configWords(context) + ["--color", context.errorDrawing.colors ? "always" : "never", "--pid"]
  }
}

extension AgentElsewhere {
  /// The agent on the configured port; `nil` when there is none, it is one that is just being started, or it may be
  /// anybody's, which is said.
  fileprivate init?(_ configuration: ConfigurationInForce) {
    guard let found = try? AgentFinder.find(configuration) else { return nil }
    switch found {
    case .visible(let client): self.init(client, configuration)
    case .hidden(let hidden):
      let pid: Int64
      switch hidden.reason {
      case .unreachable: return nil
      // Any user may have taken the port and call it an agent; then the command's traces are not for it.
      case .distant(isSafe: false):
        Output.failure(
          "\(hidden.name) answers on \(hidden.address), and whose process it is cannot be seen: it is not used")
        return nil
      case .distant(isSafe: true): pid = 0
      case .notPermitted: pid = hidden.agent.pid
      }
      self.init(
        target: hidden.address, pid: pid, controlPath: nil, name: hidden.name,
        notes: [hidden.obstacle] + (hidden.command(["services"]).map { ["to see it: \($0)"] } ?? []))
    case .none: return nil
    }
  }

  private init?(_ client: ControlClient, _ configuration: ConfigurationInForce) {
    guard let target = SocketAddress.all(configuration.value).first(where: StreamSocket.takesConnections) else {
      return nil
    }
    self.init(
      target: target, pid: 0, controlPath: client.path, name: "the agent there",
      notes: ["to see what it receives: roost services"])
  }
}

/// Standard error, as a run writes to it.
private struct RunErrorStream: RunOutput {
  /// Lines of a tree that is drawn while the command runs.
  static let traceRowsMax = 12

  let drawing: Drawing

  func report(_ text: String) { Output.failure(safeText(text)) }

  func reportFirstTrace(_ text: String) {
    Output.problem("\(Style.good.applied(to: "✓", colors: drawing.colors)) \(safeText(text))")
  }

  func showTrace(_ trace: TraceAnswer) {
    let report = TraceReport(
      trace, time: .here, rowsMax: Self.traceRowsMax, moreHint: "roost trace \(trace.trace.id.hex) draws more lines")
    for line in report.lines(drawing) + [""] { Output.problem(line) }
  }

  func showTables(_ tables: RunTables, above: [String], below: [String]) {
    var lines = above + ServicesReport(tables.services, marking: tables.servicesOfOthers).lines(drawing)
    if !tables.resources.rows.isEmpty {
      lines +=
        [""]
        + ResourcesReport(
          tables.resources, showsShare: false, marking: tables.servicesOfOthers
        ).lines(drawing)
      lines += tables.resourcesNote.map { [$0] } ?? []
    }
    if !tables.servicesOfOthers.isEmpty { lines.append("* sent by other programs, not by the command") }
    if !tables.traces.rows.isEmpty {
      lines += ["", "the slowest traces, and those that failed:"]
      lines += TracesReport(tables.traces, time: .here).lines(drawing)
    }
    for line in lines + below { Output.problem(line) }
  }
}

extension CommandFailure {
  /// What a search without an agent means for the person who typed the command.
  fileprivate init(_ failure: AgentSearch.Failure) {
    switch failure {
    case .control(let error): self.init(error)
    case .notStarted(let failure):
      self.init(ExitCode(failure.cause), "no agent could be started: \(safeText(failure.reason))")
    case .listensOnNothing(let pid):
      self.init(.badConfiguration, "the agent (pid \(pid)) listens on nothing that an app could send to")
    case .noPlace(let why): self.init(.badConfiguration, why)
    }
  }

  /// The command itself could not be started.
  fileprivate init(_ words: [[UInt8]], _ error: SystemError) {
    self.init(words.first ?? [], error.number == ENOENT ? .missing : .refused(error.number))
  }

  fileprivate init(_ word: [UInt8], _ problem: ProgramSearch.Problem) {
    let name = safeText(String(decoding: word, as: UTF8.self))
    switch problem {
    case .missing: self.init(.noCommand, "there is no command \(name)")
    case .refused(let error): self.init(.cannotStart, "cannot start \(name): \(systemErrorText(error))")
    case .noInterpreter(let program):
      self.init(.cannotStart, "cannot start \(name): its first line names \(safeText(program)), which is not there")
    }
  }
}

extension ExitCode {
  fileprivate init(_ cause: AgentStartFailure.Cause) {
    self =
      switch cause {
      case .notPrepared, .killed: .internalError
      case .notStarted, .silent: .temporary
      case .addressTaken: .cannotCreate
      case .exited(0): .badConfiguration
      case .exited(let code): ExitCode(rawValue: code)
      }
  }
}
