import Control
import Testing

@testable import Launching

@Suite struct `The search for a run's agent` {
  private let system = FakeSystem()

  private func search(mayMove: Bool = true) throws -> AgentSearch {
    try AgentSearch(words: ["serve"], addressTakenCode: 73, mayMove: mayMove) { port in
      ControlPlace.choose(["/run/roost/\(port ?? 8126).sock"]) { _ in nil }
    }
  }

  /// Steps, and lets time pass between them, until the search starts something or ends.
  private func advance(
    _ search: inout AgentSearch, isAborted: Bool = false
  ) -> (result: AgentSearch.Result?, actions: [RunAction]) {
    var actions: [RunAction] = []
    for _ in 0..<2_000 {
      let result = search.step(system, isAborted: isAborted, &actions)
      if result != nil || !actions.starts.isEmpty { return (result, actions) }
      system.pass(search.pause)
    }
    return (nil, actions)
  }

  private func started(_ search: inout AgentSearch, _ pid: Int32, _ recipe: AgentRecipe) {
    search.started(StartingAgent(process(pid), log: log(of: pid), recipe: recipe, now: system.now))
  }

  private func agent(_ result: AgentSearch.Result?) throws -> AgentForRun {
    guard case .found(let agent)? = result else { throw ControlError.timedOut }
    return agent
  }

  private func failure(_ result: AgentSearch.Result?) -> AgentSearch.Failure? {
    if case .failed(let failure)? = result { failure } else { nil }
  }

  @Test(arguments: [(0, "that is there"), (40, "of another run")])
  func `uses the agent that is there`(_ runPid: Int64, _ what: String) throws {
    var search = try search()
    system.begin(50, runPid: runPid)
    let (result, actions) = advance(&search)
    let found = try agent(result)
    #expect(actions == [] && found.own == nil)
    #expect(found.notes == ["using the agent \(what) (pid 50), on 127.0.0.1:8126"])
  }

  @Test func `starts one when there is none`() throws {
    var search = try search()
    let recipe = try #require(advance(&search).actions.starts.first)
    #expect(recipe == usualRecipe)
    started(&search, 51, recipe)
    #expect(search.pause == .milliseconds(10))
    system.begin(51, runPid: 9)
    let found = try agent(advance(&search).result)
    #expect(found.own == own(51))
    #expect(
      found.notes == ["started an agent for this run (pid 51, log /tmp/roost-run-51.log), on 127.0.0.1:8126"])
  }

  @Test func `uses the agent of a run that began in the same moment`() throws {
    var search = try search()
    started(&search, 51, try #require(advance(&search).actions.starts.first))
    system.changes[51] = .exited(code: 73)
    system.lastWords = "cannot listen"
    var actions: [RunAction] = []
    #expect(search.step(system, isAborted: false, &actions) == nil)
    #expect(actions == [.close(log(of: 51), .remove)])
    system.begin(60, runPid: 40)
    #expect(try agent(advance(&search).result).info.pid == 60)
  }

  @Test func `moves to a free port when a foreign program has the configured one`() throws {
    var search = try search()
    system.freePorts = [41_000, 42_000]
    system.lastWords = "cannot listen on host 127.0.0.1 port 8126"
    started(&search, 51, try #require(advance(&search).actions.starts.first))
    system.changes[51] = .exited(code: 73)
    let before = system.now
    let second = try #require(advance(&search).actions.starts.first)
    #expect(before.duration(to: system.now) >= AgentSearch.rivalLimit)
    #expect(second.words == ["serve", "--port", "41000"])
    #expect(second.settings == ["DD_APM_RECEIVER_PORT": "41000"])
    #expect(second.controlPath == "/run/roost/41000.sock")
    started(&search, 52, second)
    system.changes[52] = .exited(code: 73)
    let third = try #require(advance(&search).actions.starts.first)
    #expect(third.words == ["serve", "--port", "42000"])
    started(&search, 53, third)
    system.begin(53, runPid: 9, at: third.controlPath, listeners: ["127.0.0.1:42000"])
    let found = try agent(advance(&search).result)
    #expect(
      found.notes == [
        "cannot listen on host 127.0.0.1 port 8126",
        "to ask this agent from another shell: DD_APM_RECEIVER_PORT=42000 roost services",
        "started an agent for this run (pid 53, log /tmp/roost-run-53.log), on 127.0.0.1:42000",
      ])
  }

  @Test func `gives up after three other ports, and at once without any`() throws {
    for (ports, starts) in [([41_000, 41_001, 41_002, 41_003], 4), ([], 1)] as [([UInt16], Int)] {
      var search = try search()
      system.freePorts = ports
      system.lastWords = "cannot listen"
      var seen = 0
      var (result, actions) = advance(&search)
      while let recipe = actions.starts.first {
        seen += 1
        started(&search, 51, recipe)
        system.changes[51] = .exited(code: 73)
        (result, actions) = advance(&search)
      }
      #expect(seen == starts)
      #expect(failure(result) == .notStarted(AgentStartFailure(cause: .addressTaken, reason: "cannot listen")))
    }
  }

  @Test func `stays where the configuration asks for no port`() throws {
    var search = try search(mayMove: false)
    system.freePorts = [41_000]
    started(&search, 51, try #require(advance(&search).actions.starts.first))
    system.changes[51] = .exited(code: 73)
    #expect(failure(advance(&search).result) != nil)
  }

  @Test(
    arguments: [
      (.exited(code: 78), "bad setting", .exited(78), "bad setting", .remove),
      (.exited(code: 70), nil, .exited(70), "it ended with code 70; see /tmp/roost-run-51.log", .keep),
      (.killed(signal: 11), nil, .killed, "signal 11 ended it; see /tmp/roost-run-51.log", .keep),
    ] as [(ChildProcess.Change, String?, AgentStartFailure.Cause, String, AgentLog.Disposal)])
  func `says why none could be started`(
    _ change: ChildProcess.Change, _ words: String?, _ cause: AgentStartFailure.Cause, _ reason: String,
    _ disposal: AgentLog.Disposal
  ) throws {
    var search = try search()
    started(&search, 51, try #require(advance(&search).actions.starts.first))
    system.changes[51] = change
    system.lastWords = words
    let (result, actions) = advance(&search)
    #expect(failure(result) == .notStarted(AgentStartFailure(cause: cause, reason: reason)))
    #expect(actions == [.close(log(of: 51), disposal)])
  }

  @Test func `ends what it starts when the user does not want to wait`() throws {
    var search = try search()
    started(&search, 51, try #require(advance(&search).actions.starts.first))
    let (result, actions) = advance(&search, isAborted: true)
    let reason = "it did not answer; see /tmp/roost-run-51.log"
    #expect(failure(result) == .notStarted(AgentStartFailure(cause: .silent, reason: reason)))
    #expect(actions == [.stop(own(51), .keep)])
  }

  @Test func `does not start one beside an agent that it cannot ask`() throws {
    var silent = try search()
    system.begin(50)
    system.agents[FakeSystem.path]?.answers = false
    #expect(failure(advance(&silent).result) == .control(.timedOut))
    var deaf = try search()
    system.begin(50, listeners: [])
    #expect(failure(advance(&deaf).result) == .listensOnNothing(pid: 50))
  }

  private func search(_ elsewhere: AgentElsewhere) throws -> AgentSearch {
    try AgentSearch(words: ["serve"], addressTakenCode: 73, mayMove: true, elsewhere: { elsewhere }) { port in
      ControlPlace.choose(["/run/roost/\(port ?? 8126).sock"]) { _ in nil }
    }
  }

  @Test func `uses the agent that answers where the port leads`() throws {
    let path = "/run/user/7/roost/8126.sock"
    system.begin(50, at: path)
    var search = try search(
      AgentElsewhere(target: .tcp(host: "127.0.0.1", port: 8126), pid: 0, controlPath: path, name: "the agent there"))
    let found = try agent(advance(&search).result)
    #expect(found.info.pid == 50 && found.hidden == nil && found.recipe.controlPath == path)
    #expect(found.recipe.settings == ["ROOST_CONTROL_SOCKET": path])
  }

  @Test(
    arguments: [.notASocket(path: "/x"), .pathTooLong(path: "/x"), .system(path: "/x", detail: "")] as [ControlError])
  func `looks at the port whatever is wrong with the control socket`(_ problem: ControlError) throws {
    system.problem = problem
    let path = "/run/user/7/roost/8126.sock"
    system.begin(50, at: path)
    var found = try search(
      AgentElsewhere(target: .tcp(host: "127.0.0.1", port: 8126), pid: 0, controlPath: path, name: "the agent there"))
    #expect(try agent(advance(&found).result).info.pid == 50)
    var alone = try search()
    #expect(failure(advance(&alone).result) == .control(problem))
  }

  @Test func `uses an agent of another user as everybody does, and says so`() throws {
    let hidden = AgentElsewhere(
      target: .tcp(host: "127.0.0.1", port: 8126), pid: 50, controlPath: nil, name: "the agent of dd-agent",
      notes: ["to see it: sudo -u dd-agent roost services"])
    var search = try search(hidden)
    let (result, actions) = advance(&search)
    let found = try agent(result)
    #expect(actions == [] && found.own == nil && found.hidden == hidden)
    #expect(
      found.notes == [
        "using the agent of dd-agent, on 127.0.0.1:8126", "to see it: sudo -u dd-agent roost services",
      ])
    // Its command is left alone until it ends; then that is said, or where its traces went.
    for isEnded in [false, true] {
      system.processes.children[1] = isEnded ? [10] : [10, 50]
      let table = RunTable(found, system)
      var session = RunSession(process(10), found, startedNs: 1, table: table, now: system.now)
      var reports: [RunAction] = []
      for _ in 0..<20 {
        system.pass(.seconds(1))
        reports += session.step(system)
      }
      let loss = "the agent of dd-agent ended; traces are lost until one listens on 127.0.0.1:8126"
      #expect(reports == (isEnded ? [.report(loss)] : []))
      system.changes[10] = .exited(code: 3)
      let last = session.step(system) + session.step(system)
      #expect(last.last == .end(code: 3))
      let lost = "no agent was there at the end; what the command sent last is lost"
      #expect(last.first == .report(isEnded ? lost : "what the command sent went to the agent of dd-agent"))
    }
  }

  @Test func `says that there is no process, and looks once for another agent`() throws {
    var search = try search()
    _ = advance(&search)
    let failure = AgentStartFailure(cause: .notStarted, reason: "posix_spawnp: Out of memory")
    search.failed(failure, now: system.now)
    #expect(self.failure(advance(&search).result) == .notStarted(failure))
    var other = try self.search()
    _ = advance(&other)
    other.failed(failure, now: system.now)
    system.begin(60)
    #expect(try agent(advance(&other).result).info.pid == 60)
  }
}

@Suite struct `The place of a control socket` {
  private func place(_ usable: Set<String>, _ paths: [String] = ["/a", "/b", "/c"]) -> ControlPlace {
    ControlPlace.choose(paths) { usable.contains($0) ? nil : .unsafeFolder(path: $0, why: "is everybody's") }
  }

  @Test func `is the usual one, unless no socket can be made there`() {
    #expect(place(["/a", "/b"]).path == "/a" && place(["/a"]).notes == [] && place(["/a"]).settings == [:])
    let other = place(["/c"])
    #expect(other.path == "/c" && other.settings == ["ROOST_CONTROL_SOCKET": "/c"])
    #expect(other.notes.count == 2)
    #expect(other.notes.last == "to ask this agent from another shell: ROOST_CONTROL_SOCKET=/c roost services")
  }

  @Test func `is the usual one when there is none better`() {
    #expect(place([]).path == "/a" && place([]).notes == [])
    #expect(place([], ["/x"]).path == "/x")
  }
}
