import Control
import Testing
import Traces

@testable import Launching

@Suite struct `Traces of a run` {
  private static func span(
    _ id: UInt64, parent: UInt64 = 0, _ resource: String, ms: Int64 = 10, pid: Double = 10, isError: Bool = false
  ) -> TraceSpan {
    var span = TraceSpan(
      spanID: id, parentID: parent, service: "shop", operation: "web.request", resource: resource,
      startNs: 2_000_000_000, durationNs: ms * 1_000_000, isError: isError)
    span.metrics = [(key: "process_id", value: pid)]
    return span
  }

  private static func trace(_ id: UInt64, _ spans: [TraceSpan]) -> Trace {
    Trace(id: TraceID(high: 0, low: id), spans: spans, isKept: true, keptBy: "priority")
  }

  private static func root(_ id: UInt64, ms: Int64 = 10, pid: Double = 10, isError: Bool = false) -> Trace {
    trace(id, [span(1, "GET /\(id)", ms: ms, pid: pid, isError: isError)])
  }

  /// A look of its own for each half second.
  private func looks(_ run: inout RunUnderTest, _ count: Int = 1) -> [RunAction] {
    (0..<count).flatMap { _ in run.step(after: LiveTraces.pause) }
  }

  private func keep(_ traces: [Trace], _ run: RunUnderTest) { run.system.agents[FakeSystem.path]?.traces = traces }

  @Test func `are drawn once, when they have ended and nothing more of them comes`() throws {
    var run = try RunUnderTest(isLive: true)
    keep([Self.root(1)], run)
    #expect(looks(&run, 2).drawn == [])
    #expect(looks(&run).drawn == ["GET /1"])
    #expect(looks(&run, 5).drawn == [])
    let late = Self.span(2, parent: 1, "query")
    keep([Self.trace(2, [late])], run)
    #expect(looks(&run, 4).drawn == [], "its root is still to come")
    keep([Self.trace(2, [Self.span(1, "GET /2"), late])], run)
    #expect(looks(&run, 2).drawn == [])
    #expect(looks(&run).drawn == ["GET /2"])
  }

  @Test func `whose root is elsewhere are drawn after a while`() throws {
    var run = try RunUnderTest(isLive: true)
    keep([Self.trace(3, [Self.span(2, parent: 77, "inner")])], run)
    #expect(looks(&run, LiveTraces.quietLooksWithoutRoot).drawn == [])
    #expect(looks(&run).drawn == ["inner"])
  }

  @Test func `of others are not drawn where the agent is shared`() throws {
    let system = FakeSystem()
    system.processes.children[1, default: []].append(99)
    var run = try RunUnderTest(isLive: true, on: system)
    keep([Self.root(1), Self.root(2, pid: 99), Self.root(3, pid: 0)], run)
    #expect(looks(&run, 5).drawn == ["GET /1"])
  }

  @Test func `are chosen where too many end at once, failed ones and different ones first, and the others counted`()
    throws
  {
    var run = try RunUnderTest(isLive: true)
    let alike = (1...6).map { Self.trace($0, [Self.span(1, "GET /cart", ms: Int64($0))]) }
    let others = [
      Self.trace(7, [Self.span(1, "GET /items", ms: 1)]),
      Self.trace(8, [Self.span(1, "GET /cart", ms: 1, isError: true)]),
      Self.trace(9, [Self.span(1, "GET /stock", ms: 1)]),
    ]
    keep(alike + others, run)
    let actions = looks(&run, 3)
    #expect(Set(actions.drawnIDs) == [8, 6, 7, 9, 5] && actions.drawn.count == LiveTraces.drawnMax)
    #expect(actions.reports == ["4 more traces ended meanwhile (4 × GET /cart): roost traces"])
    #expect(looks(&run, 3).isEmpty)
  }

  @Test func `have more time the more spans they have, and are named when it is not enough`() throws {
    var run = try RunUnderTest(isLive: true)
    run.system.timeOfTrace = .milliseconds(900)
    let large = Self.trace(1, (1...8_000).map { Self.span($0, parent: $0 == 1 ? 0 : 1, "GET /large") })
    keep([large, Self.root(2)], run)
    let actions = looks(&run, 3)
    #expect(actions.drawnIDs == [1] && actions.reports == [])
    #expect(
      looks(&run, 2).reports == ["GET /2 of shop could not be read in time (1 span): roost trace 0000000000000002"])
    #expect(looks(&run, 5).isEmpty)
  }

  @Test func `are not waited for at the end`() throws {
    var run = try RunUnderTest(isLive: true)
    keep([Self.trace(4, [Self.span(2, parent: 77, "inner")])], run)
    #expect(run.finish().drawn == ["inner"])
  }

  @Test func `are not kept by every agent, which is said once`() throws {
    var run = try RunUnderTest(isLive: true)
    let reports = looks(&run, 4).reports.filter { $0.contains("drawn") }
    #expect(reports == ["no traces are drawn: this agent keeps no traces"])
  }

  @Test func `are not asked for without the option`() throws {
    var run = try RunUnderTest()
    keep([Self.root(1)], run)
    #expect(looks(&run, 5).drawn == [])
  }

  @Test func `stand at the end, the slowest first and then others that failed`() throws {
    var run = try RunUnderTest(isOwn: true)
    run.system.sendTraces(6, from: 10)
    keep(
      [
        Self.root(1, ms: 5, isError: true), Self.root(2, ms: 90), Self.root(3, ms: 80, isError: true),
        Self.root(4, ms: 70), Self.root(5, ms: 60),
      ], run)
    let table = try #require(run.finish().tables.first?.shown)
    #expect(table.traces.rows.map(\.rootResource) == ["GET /2", "GET /3", "GET /4", "GET /1"])
  }

  @Test func `the line of the first names the page`() throws {
    var run = try RunUnderTest(isOwn: true)
    run.system.agents[FakeSystem.path]?.info.page = "http://127.0.0.1:8127"
    run.system.sendTraces(from: 10)
    let line = run.step().compactMap { if case .reportFirstTrace(let text) = $0 { text } else { nil } }
    #expect(line.first?.hasSuffix(", see http://127.0.0.1:8127") == true, "\(line)")
  }
}

@Suite struct `The file of a run` {
  @Test(
    arguments: [
      (["XDG_STATE_HOME": "/state", "HOME": "/home/me"], false, "/state/roost/run-7.db"),
      (["HOME": "/home/me"], false, "/home/me/.local/state/roost/run-7.db"),
      (["XDG_STATE_HOME": "relative", "HOME": "/home/me"], false, "/home/me/.local/state/roost/run-7.db"),
      (["HOME": "/root"], true, "/var/lib/roost/run-7.db"),
      (["XDG_STATE_HOME": "/state"], true, "/state/roost/run-7.db"), ([:], false, nil),
    ] as [([String: String], Bool, String?)])
  func `is in the folder of the user's state`(_ environment: [String: String], isRoot: Bool, path: String?) {
    #expect(RunStore(environment: environment, pid: 7, isRoot: isRoot)?.path == path)
  }

  @Test(
    arguments: [
      ("run-7.db", 7), ("run-7.db-wal", 7), ("run-7.db-shm", 7), ("run-7.db-lock", 7),
      ("roost.db", nil), ("run-.db", nil),
      ("run--1.db", nil), ("run-x.db", nil), ("run-7.db.bak", nil),
    ] as [(String, Int32?)])
  func `is known by its name`(_ name: String, pid: Int32?) { #expect(RunStore.run(ofFile: name) == pid) }

  @Test func `is named in the last line, with what to type`() throws {
    let store = RunStore(folder: "/state/roost", pid: 7) { "'\($0)'" }
    let recipe = AgentRecipe(
      words: ["serve"], settings: [:], controlPath: FakeSystem.path, addressTakenCode: 73, store: store)
    #expect(recipe.allWords == ["serve", "--db", "/state/roost/run-7.db"])
    var run = try RunUnderTest(isOwn: true, recipe: recipe)
    run.system.sendTraces(from: 10)
    let last = try #require(run.finish().reports.last)
    #expect(last.hasSuffix("roost traces --db '/state/roost/run-7.db', roost trace ID --db '/state/roost/run-7.db'"))
  }
}
