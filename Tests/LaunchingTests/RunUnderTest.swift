import Control
import Traces

@testable import Launching

/// A session on a machine that a test describes. Nothing is performed: tests say what came of an action.
struct RunUnderTest {
  static let command: Int32 = 10

  let system: FakeSystem
  var session: RunSession

  /// With an agent that is there already.
  ///
  /// - Parameters:
  ///   - agent: its number; the command's own when `isOwn`.
  ///   - runPid: the run that it belongs to, 0 for none.
  init(
    agent: Int32 = 50, isOwn: Bool = false, runPid: Int64 = 0, listeners: [String] = ["127.0.0.1:8126"],
    recipe: AgentRecipe = usualRecipe, isLive: Bool = false, on system: FakeSystem = FakeSystem()
  ) throws {
    system.begin(Int64(agent), runPid: runPid, listeners: listeners)
    let info = try system.answer(.info, at: FakeSystem.path, within: .zero)
    guard case .info(let info) = info,
      let found = AgentForRun(
        info, recipe, own: isOwn ? own(agent) : nil, listener: system.listener(at: FakeSystem.path))
    else { throw ControlError.timedOut }
    self.system = system
    session = RunSession(
      process(Self.command), found, startedNs: 1_000_000_000, table: RunTable(found, system),
      live: isLive ? LiveTraces(sinceNs: 1_000_000_000) : nil, now: system.now)
  }

  /// What is decided after some time.
  mutating func step(after time: Duration = .zero) -> [RunAction] {
    system.pass(time)
    return session.step(system)
  }

  /// What is decided when the command ends.
  mutating func finish(_ code: Int32 = 0) -> [RunAction] {
    system.changes[Self.command] = .exited(code: code)
    return session.step(system)
  }

  /// The agent that was to be started is there, and answers when `pid` has the socket.
  mutating func started(_ pid: Int32) {
    session.started(StartingAgent(process(pid), log: log(of: pid), recipe: usualRecipe, now: system.now))
  }

  /// It starts and answers; what is decided then.
  mutating func startSucceeds(_ pid: Int32) -> [RunAction] {
    started(pid)
    system.begin(Int64(pid), runPid: 9)
    system.isPortOpen = true
    return step(after: .milliseconds(50))
  }

  /// It starts and ends with a code; what is decided then.
  mutating func startFails(_ pid: Int32, code: Int32) -> [RunAction] {
    started(pid)
    system.changes[pid] = .exited(code: code)
    return step(after: .milliseconds(50))
  }
}

extension [RunAction] {
  /// What the user reads.
  var reports: [String] {
    compactMap { if case .report(let text) = $0 { text } else { nil } }
  }

  /// Resources of the roots of the traces that are drawn.
  var drawn: [String] {
    compactMap { if case .showTrace(let answer) = $0 { TraceSummary(answer.trace).rootResource } else { nil } }
  }

  var drawnIDs: [UInt64] { compactMap { if case .showTrace(let answer) = $0 { answer.trace.id.low } else { nil } } }

  var starts: [AgentRecipe] {
    compactMap { if case .start(let recipe) = $0 { recipe } else { nil } }
  }

  var consulted: [Int32] {
    compactMap { if case .consultDoctor(let pid, _) = $0 { pid } else { nil } }
  }

  var tables: [(shown: RunTables, above: [String], below: [String])] {
    compactMap {
      if case .showTables(let tables, let above, let below) = $0 { (tables, above, below) } else { nil }
    }
  }
}
