import Control
import Platform
import Testing

@testable import Launching

@Suite struct `A run of a command` {
  @Test(
    arguments: [
      (.exited(code: 0), 0), (.exited(code: 3), 3), (.killed(signal: 9), 137), (.killed(signal: 15), 143),
    ] as [(ChildProcess.Change, Int32)])
  func `ends with the command's code`(_ change: ChildProcess.Change, _ code: Int32) throws {
    var run = try RunUnderTest()
    #expect(run.step() == [])
    run.system.changes[RunUnderTest.command] = change
    #expect(run.step().last == .end(code: code))
  }

  @Test func `stops with the command, for the shell waits for it alone`() throws {
    var run = try RunUnderTest()
    for signal in [SIGTSTP, SIGTTIN, SIGTTOU] {
      run.system.changes[RunUnderTest.command] = .stopped(signal: signal)
      #expect(run.step() == [.stopLikeCommand])
    }
    run.system.changes[RunUnderTest.command] = .stopped(signal: SIGSTOP)
    #expect(run.step() == [])
  }

  @Test func `queries no agent before it stops with the command`() throws {
    var run = try RunUnderTest()
    let queries = run.system.limits.count
    run.system.changes[RunUnderTest.command] = .stopped(signal: SIGTSTP)
    #expect(run.step(after: .seconds(10)) == [.stopLikeCommand])
    #expect(run.system.limits.count == queries)
  }

  @Test func `passes on signals that the command does not have already`() throws {
    let run = try RunUnderTest()
    run.system.processes.children[10] = [11]
    let cases: [(signal: Int32, sender: Int32, isPassed: Bool)] = [
      (SIGTERM, 99, true), (SIGUSR1, 99, true), (SIGWINCH, 99, true), (SIGINT, 0, false), (SIGHUP, 10, false),
      (SIGTERM, 11, false), (SIGCONT, 0, true), (SIGCHLD, 99, false), (SIGPIPE, 99, false),
    ]
    for (signal, sender, isPassed) in cases {
      let actions = run.session.receive(ReceivedSignal(number: signal, sender: sender), run.system)
      #expect(actions == (isPassed ? [.send(signal: signal, to: process(10))] : []), "\(signal) from \(sender)")
    }
  }

  @Test func `reports the first trace once, and needs no doctor then`() throws {
    var run = try RunUnderTest(isOwn: true)
    #expect(run.step(after: .milliseconds(100)) == [])
    run.system.sendTraces(from: 10)
    #expect(
      run.step(after: .milliseconds(100)) == [
        .reportFirstTrace("first trace from python 3.12, ddtrace 4.16 (pid 10, service shop) after 0.3 s")
      ])
    #expect(run.step(after: .seconds(20)) == [])
  }

  @Test func `reports once a trace that may be anybody's, and says so to the doctor's offer`() throws {
    var run = try RunUnderTest()
    run.system.sendTraces(from: 77)
    let text = "a trace of service shop arrived from pid 77, which has ended; whether it was the command's is not known"
    #expect(run.step(after: .milliseconds(100)).reports == [text])
    #expect(run.step(after: .milliseconds(100)) == [])
    #expect(
      run.step(after: .seconds(10)).reports == ["no trace known to be the command's after 10 s; looking at pid 10"])
  }

  @Test func `without a trace consults the doctor once, after ten seconds, on the application`() throws {
    var run = try RunUnderTest()
    run.system.processes.children[10] = [11]
    run.system.processes.names[11] = "python3.12"
    #expect(run.step(after: .milliseconds(9_900)) == [])
    let actions = run.step(after: .milliseconds(100))
    #expect(actions.reports == ["no trace after 10 s; looking at pid 11"])
    #expect(actions.consulted == [11])
    run.session.doctorStarted(process(60))
    #expect(run.step(after: .seconds(1)) == [])
    run.system.changes[60] = .exited(code: 0)
    let fine = "nothing keeps its traces away; if it waits for requests, send it one"
    #expect(run.step(after: .seconds(1)).reports == [fine])
    #expect(run.step(after: .seconds(60)) == [])
  }

  @Test func `consults the doctor on nothing that has ended`() throws {
    var run = try RunUnderTest()
    run.system.processes.children[10] = [11, 12]
    run.system.processes.names = [11: "python3.12", 12: "node"]
    run.system.processes.ended = [11]
    #expect(run.step(after: .seconds(10)).consulted == [12])
  }

  @Test func `adds nothing to what the doctor found`() throws {
    var run = try RunUnderTest()
    _ = run.step(after: .seconds(10))
    run.session.doctorStarted(process(60))
    run.system.changes[60] = .exited(code: 1)
    #expect(run.step(after: .seconds(1)) == [])
  }

  @Test func `says which tracers cannot find an agent on another port`() throws {
    var run = try RunUnderTest(listeners: ["127.0.0.1:9126"])
    #expect(
      run.step(after: .seconds(10)).reports.last
        == "tracers of before 2018 read no setting and send to port 8126 only, not to this agent")
  }

  @Test func `asks often at first, less often later, and not at all when nothing is left to find out`() throws {
    var run = try RunUnderTest(isOwn: true)
    #expect(run.session.pause(now: run.system.now) == .milliseconds(100))
    #expect(run.session.pause(now: run.system.now + .seconds(61)) == .seconds(1))
    run.system.sendTraces(from: 10)
    _ = run.step()
    #expect(run.session.pause(now: run.system.now) == nil)
  }

  @Test func `asks an agent that did not answer again after a second`() throws {
    var run = try RunUnderTest()
    run.system.agents[FakeSystem.path]?.answers = false
    let before = run.system.limits.count
    for _ in 0..<10 { _ = run.step(after: .milliseconds(100)) }
    #expect(run.system.limits.count - before == 1)
    #expect(run.system.limits.last == .milliseconds(200))
    _ = run.step(after: .milliseconds(100))
    #expect(run.system.limits.count - before == 2)
  }
}

@Suite struct `The end of a run` {
  @Test func `shows what the command sent`() throws {
    var run = try RunUnderTest(isOwn: true)
    run.system.sendTraces(from: 10)
    let actions = run.finish()
    #expect(
      actions.first
        == .reportFirstTrace(
          "first trace from python 3.12, ddtrace 4.16 (pid 10, service shop) after 0.3 s"))
    let table = try #require(actions.tables.first)
    #expect(table.shown.services.rows == [serviceRow(hits: 1, lastSeenNs: 9)])
    #expect(table.shown.resources.rows == [resourceRow(hits: 1, lastSeenNs: 9)])
    #expect(table.above == [] && table.below == [])
    #expect(actions.suffix(2) == [.stop(own(50), .removeIfEndedWell), .end(code: 0)])
  }

  @Test(
    arguments: [
      (true, 0, usualRecipe, "in another shell: roost serve"),
      (
        true, 0, elsewhere,
        "DD_APM_RECEIVER_PORT=9126 roost serve --config a.yaml; run the command with the same settings"
      ),
      (false, 0, usualRecipe, "to see them again: roost services"),
      (false, 0, elsewhere, "to see them again: DD_APM_RECEIVER_PORT=9126 roost services --config a.yaml"),
      (false, 77, usualRecipe, "roost services; they end with the run that started the agent (pid 77)"),
    ] as [(Bool, Int64, AgentRecipe, String)])
  func `says last how its tables can be kept or seen again`(
    _ isOwn: Bool, _ runPid: Int64, _ recipe: AgentRecipe, _ text: String
  ) throws {
    var run = try RunUnderTest(isOwn: isOwn, runPid: runPid, recipe: recipe)
    run.system.sendTraces(from: 10)
    #expect(run.finish().reports.last?.contains(text) == true)
  }

  private static let elsewhere = AgentRecipe(
    words: ["serve"], settings: ["DD_APM_RECEIVER_PORT": "9126"], controlPath: FakeSystem.path, addressTakenCode: 73,
    typedOptions: " --config a.yaml")

  @Test func `takes what roost itself sent for nothing`() throws {
    var run = try RunUnderTest()
    run.system.sendTraces(from: 77, client: TestTraffic.client)
    run.system.agents[FakeSystem.path]?.services.rows = []
    #expect(run.step(after: .milliseconds(100)) == [])
    let reports = run.finish().reports
    #expect(reports.count == 1 && reports[0].hasPrefix("no trace came from the command"))
  }

  @Test func `says that nothing came`() throws {
    var run = try RunUnderTest(isOwn: true)
    run.system.pass(.milliseconds(1_500))
    let actions = run.finish(7)
    #expect(
      actions == [
        .report("no trace came from the command in 1.5 s; roost doctor --log FILE explains what its tracer said"),
        .stop(own(50), .removeIfEndedWell), .end(code: 7),
      ])
  }

  @Test func `says when the table may hold what others sent`() throws {
    var run = try RunUnderTest()
    run.system.sendTraces(from: 77)
    let actions = run.finish()
    #expect(
      actions.tables.first?.above == ["what all clients sent to the agent during the run, not only the command:"])
    #expect(actions.reports.contains { $0.hasPrefix("no trace is known to have come from the command in 0.0 s") })
    #expect(!actions.contains { if case .stop = $0 { true } else { false } }, "the agent is not this run's")
  }

  @Test func `marks services of programs that are none of the command's`() throws {
    var run = try RunUnderTest()
    run.system.sendTraces(from: 77)
    run.system.processes.children[1, default: []].append(77)
    let tables = try #require(run.finish().tables.first?.shown)
    #expect(tables.servicesOfOthers == Set(tables.services.rows.map(\.service)) && !tables.servicesOfOthers.isEmpty)
  }

  @Test func `says that the agent is silent, and waits for no table`() throws {
    var run = try RunUnderTest()
    run.system.agents[FakeSystem.path]?.answers = false
    let actions = run.finish()
    let text = "the agent (pid 50) does not answer; what the command sent is not known here"
    #expect(actions == [.report(text), .end(code: 0)])
    #expect(run.system.limits.last == .milliseconds(500))
  }

  @Test func `says that no agent was there`() throws {
    var run = try RunUnderTest()
    run.system.end(50)
    #expect(run.finish().reports == ["no agent was there at the end; what the command sent last is lost"])
  }

  @Test func `ends a doctor that still looks, before it queries the agent for the last time`() throws {
    var run = try RunUnderTest()
    _ = run.step(after: .seconds(10))
    run.session.doctorStarted(process(60))
    let queries = run.system.limits.count
    #expect(run.finish(3) == [.send(signal: SIGTERM, to: process(60))])
    #expect(run.system.limits.count == queries)
    #expect(run.session.pause(now: run.system.now) == .zero)
    // The system tells the end of a process only once.
    run.system.changes[RunUnderTest.command] = nil
    #expect(run.step().last == .end(code: 3))
  }
}
