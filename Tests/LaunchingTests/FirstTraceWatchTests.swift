import Control
import Platform
import Testing

@testable import Launching

/// A command, a process that runs and is none of the command's, and one that ended without having been seen.
private let own: Int64 = 10
private let outside: Int64 = 20
private let ended: Int64 = 30
private let table = FakeProcessTable(children: [1: [10, 20]])

@Suite struct `The watch for the first trace` {
  private func row(_ pid: Int64, traces: UInt64 = 1, firstSeenNs: Int64 = 500) -> ProcessRow {
    ProcessRow(
      pid: pid, service: "shop", language: "python", languageVersion: "3.13", tracerVersion: "4.16", payloads: 1,
      traces: traces, firstSeenNs: firstSeenNs, lastSeenNs: 900)
  }

  private func info(_ rows: ProcessRow...) -> InfoAnswer { info(rows) }

  private func info(_ rows: [ProcessRow]) -> InfoAnswer {
    var info = InfoAnswer(version: "1", commit: "", pid: 9, startedNs: 1, nowNs: 1_000, hostname: "box")
    info.processes = rows
    info.received.traces = rows.reduce(0) { $0 + $1.traces }
    return info
  }

  private func watch(before: InfoAnswer? = nil, isShared: Bool) -> FirstTraceWatch {
    FirstTraceWatch(child: Int32(own), startedNs: 400, before: before ?? info(), isShared: isShared)
  }

  private func find(_ watch: inout FirstTraceWatch, _ rows: ProcessRow...) -> FirstTraceWatch.News {
    watch.find(in: info(rows), table)
  }

  private func find(_ watch: inout FirstTraceWatch, _ info: InfoAnswer) -> FirstTraceWatch.News {
    watch.find(in: info, table)
  }

  private func isAll(_ watch: inout FirstTraceWatch, _ info: InfoAnswer) -> Bool { watch.isAllOfCommand(info, table) }

  @Test(arguments: [true, false]) func `finds the command's own`(_ isShared: Bool) {
    var watch = watch(isShared: isShared)
    #expect(find(&watch) == .nothing)
    #expect(find(&watch, row(outside), row(own)) == .first(row(own), after: .nanoseconds(100)))
  }

  @Test(arguments: [ended, 0, -1, 1 << 40]) func `claims what nobody saw only of an agent of its own`(_ pid: Int64) {
    var single = watch(isShared: false)
    #expect(find(&single, row(pid)) == .first(row(pid), after: .nanoseconds(100)))
    var shared = watch(isShared: true)
    #expect(find(&shared, row(pid)) == .unclaimed(row(pid)))
    #expect(shared.hasUnclaimed)
    #expect(find(&shared, row(pid)) == .nothing, "told twice")
    #expect(find(&shared, row(pid), row(own)) == .first(row(own), after: .nanoseconds(100)))
  }

  @Test func `says nothing of a process outside that runs, and claims nothing any more that nobody saw`() {
    var watch = watch(isShared: false)
    #expect(find(&watch, row(outside)) == .nothing)
    #expect(watch.isShared)
    #expect(find(&watch, row(outside), row(ended)) == .unclaimed(row(ended)))
  }

  @Test func `counts from what an agent had before`() {
    let before = info(row(ended, traces: 7, firstSeenNs: 10))
    var watch = watch(before: before, isShared: true)
    #expect(find(&watch, before) == .nothing)
    #expect(find(&watch, row(ended, traces: 8, firstSeenNs: 10)) != .nothing)
  }

  @Test func `counts from what a found agent had, but for the command's own`() {
    var watch = watch(isShared: true)
    let found = info(row(ended), row(own))
    watch.startOver(before: found, isShared: true)
    #expect(find(&watch, found) == .first(row(own), after: .nanoseconds(100)))
    watch.startOver(before: info(row(ended)), isShared: true)
    #expect(find(&watch, row(ended)) == .nothing)
  }

  @Test func `knows when all is the command's`() {
    var shared = watch(before: info(row(ended, traces: 3)), isShared: true)
    #expect(isAll(&shared, info(row(ended, traces: 3), row(own, traces: 2))))
    #expect(!isAll(&shared, info(row(ended, traces: 4), row(own, traces: 2))))
    var forgotten = info(row(own, traces: 2))
    forgotten.received.traces = 6
    #expect(!isAll(&shared, forgotten), "a row that the agent forgot may have been anybody's")
    var single = watch(isShared: false)
    #expect(isAll(&single, info(row(ended), row(own))))
    #expect(!isAll(&single, info(row(outside), row(own))))
  }
}

@Suite struct `Services of others` {
  private func row(_ pid: Int64, _ service: String) -> ProcessRow {
    ProcessRow(
      pid: pid, service: service, language: "python", languageVersion: "3.13", tracerVersion: "4.16", payloads: 1,
      traces: 1, firstSeenNs: 500, lastSeenNs: 900)
  }

  private func others(_ watch: inout FirstTraceWatch, _ rows: ProcessRow...) -> Set<String> {
    var info = InfoAnswer(version: "1", commit: "", pid: 9, startedNs: 1, nowNs: 1_000, hostname: "box")
    info.processes = rows
    _ = watch.find(in: info, table)
    return watch.servicesOfOthers(info, table)
  }

  @Test func `are those that only processes outside of the command sent`() {
    let before = InfoAnswer(version: "1", commit: "", pid: 9, startedNs: 1, nowNs: 1_000, hostname: "box")
    var watch = FirstTraceWatch(child: Int32(own), startedNs: 400, before: before, isShared: true)
    #expect(others(&watch, row(own, "shop"), row(outside, "billing")) == ["billing"])
    #expect(others(&watch, row(own, "shop"), row(outside, "shop")) == [], "both send it")
    #expect(
      others(&watch, row(own, "shop"), row(ended, "mailer"), row(0, "cron")) == [], "nobody knows whose these are")
  }

  @Test func `stay others' when their process has ended`() {
    var before = InfoAnswer(version: "1", commit: "", pid: 9, startedNs: 1, nowNs: 1_000, hostname: "box")
    var watch = FirstTraceWatch(child: Int32(own), startedNs: 400, before: before, isShared: true)
    before.processes = [row(outside, "billing")]
    _ = watch.find(in: before, table)
    #expect(watch.servicesOfOthers(before, FakeProcessTable(children: [1: [own].map { Int32($0) }])) == ["billing"])
  }
}

@Suite struct `The process tree of a command` {
  @Test func `keeps those that ended or lost their parent, and no number that is in use again`() {
    var processes = CommandProcesses(of: 10)
    processes.add([10, 11, 12])
    processes.add([10, 12])
    let all = FakeProcessTable(children: [1: [10, 11, 12]])
    let nothing = FakeProcessTable(children: [:])
    #expect(processes.place(of: 10, in: all) == .inside)
    #expect(processes.place(of: 12, in: all) == .inside)
    #expect(processes.place(of: 11, in: nothing) == .inside)
    #expect(processes.place(of: 11, in: all) == .outside)
    #expect(processes.place(of: 13, in: nothing) == .ended)
    #expect(processes.place(of: 0, in: all) == .unnamed)
    let tree = ProcessTree([
      10: .init(parent: 1, name: "sh"), 12: .init(parent: 1, name: "a"), 13: .init(parent: 12, name: "b"),
      14: .init(parent: 1, name: "c"),
    ])
    #expect(tree.living(from: [10, 11, 12]) == [10, 12, 13])
  }

  @Test func `sees a child that runs, and no child that ended`() throws {
    let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(null) }
    let child = try ChildProcess(
      ["cat", "/dev/zero"].map { Array($0.utf8) }, environment: [Array("PATH=/usr/bin:/bin".utf8)],
      streams: .background(output: null))
    let system = SystemProcessTable()
    var processes = CommandProcesses(of: getpid())
    processes.look(in: system)
    #expect(processes.place(of: Int64(child.pid), in: system) == .inside)
    child.send(SIGKILL)
    // Without reaping it: it ends, and stays in the table.
    while system.isRunning(child.pid) { sched_yield() }
    while child.poll() == nil { sched_yield() }
    processes.look(in: system)
    #expect(processes.place(of: Int64(child.pid), in: system) == .inside)
    #expect(!system.isRunning(child.pid) && system.isRunning(getpid()))
    #expect(system.isThere(getpid()))
    #expect(!system.isThere(child.pid))
  }
}
