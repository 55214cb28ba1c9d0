import Addresses
import Control
import Traces

@testable import Launching

/// A process table that a test writes down.
struct FakeProcessTable: ProcessTable {
  /// Running processes by their parent.
  var children: [Int32: [Int32]]
  /// Names of programs; `sh` where none is given.
  var names: [Int32: String] = [:]
  /// Those that have ended and that their parents have not asked for.
  var ended: Set<Int32> = []

  func tree() -> ProcessTree {
    var entries: [Int32: ProcessTree.Entry] = [:]
    for (parent, children) in children {
      for child in children {
        entries[child] = ProcessTree.Entry(
          parent: parent, name: names[child] ?? "sh", hasEnded: ended.contains(child))
      }
    }
    return ProcessTree(entries)
  }

  func living(from roots: Set<Int32>) -> Set<Int32> { tree().living(from: roots) }

  func isThere(_ process: Int32) -> Bool { children.values.contains { $0.contains(process) } }

  func isRunning(_ process: Int32) -> Bool { isThere(process) }
}

/// A machine as a test describes it: no clock but the one it turns, no processes but those it names.
final class FakeSystem: RunSystem {
  /// An agent behind a control socket.
  struct Agent {
    var info: InfoAnswer
    var services = ServicesAnswer(nowNs: 0, rows: [])
    var resources = ResourcesAnswer(service: nil, nowNs: 0, rows: [])
    /// `nil` for one that keeps no traces.
    var traces: [Trace]?
    /// False for one that is stopped: it has the socket and answers nothing.
    var answers = true
  }

  static let path = "/run/roost/8126.sock"

  var now = ContinuousClock.now
  var processes = FakeProcessTable(children: [1: [10]])
  /// By the path of their control sockets.
  var agents: [String: Agent] = [:]
  /// What processes do next, by number; each is seen once.
  var changes: [Int32: ChildProcess.Change] = [:]
  /// Whether the port of the command's agent takes connections.
  var isPortOpen = true
  /// What is wrong with control sockets that no agent has, beside that.
  var problem: ControlError?
  var lastWords: String?
  var freePorts: [UInt16] = []
  /// How long reading one trace takes.
  var timeOfTrace = Duration.zero
  /// How long each question was allowed to take.
  private(set) var limits: [Duration] = []

  func pass(_ time: Duration) { now = now.advanced(by: time) }

  func change(of process: ChildProcess) -> ChildProcess.Change? { changes.removeValue(forKey: process.pid) }

  func answer(
    _ question: ControlQuery, at controlPath: String, within limit: Duration
  ) throws(ControlError) -> ControlAnswer {
    limits.append(limit)
    guard let agent = agents[controlPath] else { throw problem ?? .noAgent(path: controlPath) }
    guard agent.answers else { throw .timedOut }
    switch question {
    case .info: return .info(agent.info)
    case .services: return .services(agent.services)
    case .resources: return .resources(agent.resources)
    case .traces(let query): return .traces(try Self.find(query, in: agent.traces))
    case .trace(.hexPrefix(let id)):
      guard let trace = agent.traces?.first(where: { $0.id.hex == id }) else { return .noTrace(NoTraceAnswer()) }
      guard limit >= timeOfTrace else { throw .timedOut }
      return .trace(TraceAnswer(trace))
    default: throw .refused("not asked by a run")
    }
  }

  private static func find(_ query: TracesQuery, in traces: [Trace]?) throws(ControlError) -> TracesAnswer {
    guard let traces else { throw .refused("this agent keeps no traces") }
    let summaries = traces.filter { query.filter.matches($0) }.map(TraceSummary.init).filter {
      $0.startNs >= query.sinceNs ?? .min
    }
    let sorted = summaries.sorted {
      query.order == .duration ? $0.durationNs > $1.durationNs : $0.startNs > $1.startNs
    }
    return TracesAnswer(nowNs: 0, rows: Array(sorted.prefix(query.limit)))
  }

  func listener(at controlPath: String) -> ControlListening {
    agents[controlPath].map { .somebody(pid: Int32($0.info.pid)) } ?? .nobody
  }

  func takesConnections(_ target: SocketAddress) -> Bool { isPortOpen }

  func lastWords(in log: AgentLog) -> String? { lastWords }

  func freePort() -> UInt16? { freePorts.isEmpty ? nil : freePorts.removeFirst() }
}

extension FakeSystem {
  /// An agent comes up, or takes the place of the one that was there.
  func begin(_ pid: Int64, runPid: Int64 = 0, at path: String = path, listeners: [String] = ["127.0.0.1:8126"]) {
    var info = InfoAnswer(version: "1", commit: "", pid: pid, startedNs: pid, nowNs: 1_000, hostname: "box")
    info.runPid = runPid
    info.listeners = listeners
    agents[path] = Agent(info: info)
    processes.children[1, default: []].append(Int32(pid))
  }

  /// The agent ends and closes what it had.
  func end(_ pid: Int64, at path: String = path) {
    agents[path] = nil
    isPortOpen = false
    processes.children[1]?.removeAll { $0 == Int32(pid) }
  }

  /// A process sends traces to the agent.
  func sendTraces(_ count: UInt64 = 1, from pid: Int64, client: String = "python", at path: String = path) {
    let row = ProcessRow(
      pid: pid, service: "shop", language: client, languageVersion: "3.12", tracerVersion: "4.16", payloads: 1,
      traces: count, firstSeenNs: 1_300_000_000, lastSeenNs: 1_300_000_000)
    agents[path]?.info.processes.append(row)
    agents[path]?.info.received.traces += count
    agents[path]?.info.clients.append(
      ClientRow(
        language: client, languageVersion: "", interpreter: "", tracerVersion: "", endpoint: "v0.4",
        received: TrafficCounts(payloads: 1, traces: count), lastSeenNs: 1))
    agents[path]?.services.rows = [serviceRow(hits: count, lastSeenNs: 9)]
    agents[path]?.resources.rows = [resourceRow(hits: count, lastSeenNs: 9)]
  }
}

/// The recipe of a run's agent with the usual port.
let usualRecipe = AgentRecipe(words: ["serve"], settings: [:], controlPath: FakeSystem.path, addressTakenCode: 73)

/// An agent's log that is no file.
func log(of pid: Int32) -> AgentLog { AgentLog(path: "/tmp/roost-run-\(pid).log", descriptor: -1) }

func process(_ pid: Int32) -> ChildProcess { ChildProcess(pid: pid) }

func own(_ pid: Int32) -> OwnAgent { OwnAgent(process: process(pid), log: log(of: pid)) }

func serviceRow(_ service: String = "shop", hits: UInt64, errors: UInt64 = 0, lastSeenNs: Int64 = 1) -> ServiceRow {
  ServiceRow(
    service: service, env: "", type: "web", hits: hits, errors: errors, ratePerSecond: 1, latency: LatencyQuantiles(),
    lastSeenNs: lastSeenNs)
}

func resourceRow(
  _ resource: String = "GET /cart", of service: String = "shop", hits: UInt64, errors: UInt64 = 0, lastSeenNs: Int64 = 1
) -> ResourceRow {
  ResourceRow(
    service: service, resource: resource, operation: "flask.request", type: "web", spanKind: "server", env: "",
    hits: hits, errors: errors, ratePerSecond: 1, latency: LatencyQuantiles(), timeShare: 1, lastSeenNs: lastSeenNs)
}
