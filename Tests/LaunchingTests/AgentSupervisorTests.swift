import Control
import Testing

@testable import Launching

@Suite struct `The agent of a running command` {
  private static let loss = "traces are lost until one listens on 127.0.0.1:8126"

  @Test func `of its own that dies is started again once`() throws {
    var run = try RunUnderTest(isOwn: true)
    run.system.end(50)
    run.system.changes[50] = .killed(signal: 9)
    let first = run.step()
    let what = "the agent of this run (pid 50) ended by signal 9; see /tmp/roost-run-50.log"
    #expect(first.prefix(2) == [.close(log(of: 50), .keep), .report("\(what); starting another")])
    #expect(first.starts == [usualRecipe.on(port: 8126)])
    #expect(
      run.startSucceeds(51).reports
        == ["started an agent in its place (pid 51, log /tmp/roost-run-51.log), on 127.0.0.1:8126"])
    run.system.end(51)
    run.system.changes[51] = .exited(code: 70)
    let second = run.step()
    #expect(second.starts == [])
    #expect(
      second.reports == [
        "the agent of this run (pid 51) ended with code 70; see /tmp/roost-run-51.log; it is not started again: "
          + Self.loss
      ])
    #expect(run.finish().reports == ["no agent was there at the end; what the command sent last is lost"])
  }

  @Test func `of another run is replaced by one of its own when that run ends`() throws {
    var run = try RunUnderTest(runPid: 40)
    run.system.end(50)
    #expect(run.step(after: .milliseconds(900)) == [], "looked too early")
    let actions = run.step(after: .milliseconds(100))
    #expect(actions.reports == ["the agent of another run (pid 50) ended; starting one in its place"])
    #expect(actions.starts == [usualRecipe.on(port: 8126)])
    #expect(
      run.startSucceeds(51).reports
        == ["started an agent in its place (pid 51, log /tmp/roost-run-51.log), on 127.0.0.1:8126"])
    run.system.sendTraces(from: 10)
    let end = run.finish()
    #expect(end.tables.first?.below == ["the table begins 1.0 s after the command: the agent changed"])
    #expect(end.contains(.stop(own(51), .removeIfEndedWell)))
  }

  @Test func `is tried to start four times while another has the port`() throws {
    var run = try RunUnderTest(runPid: 40)
    run.system.end(50)
    var starts = run.step(after: .seconds(1)).starts.count
    run.system.lastWords = "cannot listen"
    for pid in Int32(51)...53 {
      #expect(run.startFails(pid, code: 73) == [.close(log(of: pid), .remove)])
      starts += run.step(after: .seconds(1)).starts.count
    }
    #expect(starts == 4)
    #expect(
      run.startFails(54, code: 73).reports
        == ["no agent could be started in its place: cannot listen; \(Self.loss)"])
    #expect(run.step(after: .seconds(5)) == [])
  }

  @Test func `that fails for another reason is not tried again`() throws {
    var run = try RunUnderTest(runPid: 40)
    run.system.end(50)
    _ = run.step(after: .seconds(1))
    let actions = run.startFails(51, code: 70)
    let reason = "it ended with code 70; see /tmp/roost-run-51.log"
    #expect(
      actions == [
        .close(log(of: 51), .keep), .report("no agent could be started in its place: \(reason); \(Self.loss)"),
      ])
    #expect(run.step(after: .seconds(1)).starts == [])
    var other = try RunUnderTest(runPid: 40)
    other.system.end(50)
    _ = other.step(after: .seconds(1))
    let failure = AgentStartFailure(cause: .notStarted, reason: "posix_spawnp: Out of memory")
    #expect(other.session.failed(failure, now: other.system.now).reports.count == 1)
  }

  @Test func `that another run was faster to start is shared with it`() throws {
    var run = try RunUnderTest(runPid: 40)
    run.system.end(50)
    _ = run.step(after: .seconds(1))
    run.system.lastWords = "cannot listen"
    _ = run.startFails(51, code: 73)
    run.system.begin(70, runPid: 41)
    let actions = run.step(after: .seconds(1))
    #expect(actions == [.report("using the agent that is there now (pid 70), on 127.0.0.1:8126")])
    run.system.isPortOpen = true
    #expect(!run.finish().contains { if case .stop = $0 { true } else { false } })
  }

  @Test func `that runs for its own sake is reported when it ends, and not replaced`() throws {
    var run = try RunUnderTest()
    run.system.end(50)
    let actions = run.step(after: .seconds(1))
    #expect(actions == [.report("the agent (pid 50) ended; \(Self.loss)")])
    #expect(run.step(after: .seconds(1)) == [])
    run.system.begin(52)
    #expect(run.step(after: .seconds(1)).reports == ["using the agent that is there now (pid 52), on 127.0.0.1:8126"])
  }

  @Test func `that was replaced between two looks is used`() throws {
    var run = try RunUnderTest()
    run.system.end(50)
    run.system.begin(52)
    run.system.isPortOpen = true
    #expect(run.step(after: .seconds(1)).reports == ["using the agent that is there now (pid 52), on 127.0.0.1:8126"])
  }

  @Test func `on another port behind the same socket is not the one that was there`() throws {
    var run = try RunUnderTest()
    run.system.end(50)
    run.system.begin(52, listeners: ["127.0.0.1:9126"])
    #expect(run.step(after: .seconds(1)).reports == ["the agent (pid 50) ended; \(Self.loss)"])
  }

  @Test func `whose control socket was swept away is there as long as it takes connections`() throws {
    var run = try RunUnderTest()
    run.system.agents = [:]
    #expect(run.step(after: .seconds(1)) == [])
    run.system.isPortOpen = false
    #expect(run.step(after: .seconds(1)).reports == ["the agent (pid 50) ended; \(Self.loss)"])
  }

  @Test func `that is being started when the command ends is stopped, with its log`() throws {
    var run = try RunUnderTest(runPid: 40)
    run.system.end(50)
    _ = run.step(after: .seconds(1))
    run.started(51)
    #expect(run.step(after: .milliseconds(50)) == [])
    #expect(run.finish().contains(.stop(own(51), .remove)))
  }

  @Test func `that does not answer within ten seconds is given up`() throws {
    var run = try RunUnderTest(runPid: 40)
    run.system.end(50)
    _ = run.step(after: .seconds(1))
    run.started(51)
    #expect(run.step(after: .milliseconds(9_900)).starts == [])
    let actions = run.step(after: .milliseconds(100))
    #expect(actions.contains(.stop(own(51), .keep)))
    let reason = "it did not answer; see /tmp/roost-run-51.log"
    #expect(actions.reports.contains("no agent could be started in its place: \(reason); \(Self.loss)"))
  }
}
