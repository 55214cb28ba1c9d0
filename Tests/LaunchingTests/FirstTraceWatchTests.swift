import Control
import Platform
import Testing

@testable import Launching

/// This process stands for a command; its parent is a stranger that runs, and this number never was a process.
private let own = Int64(getpid())
private let stranger = Int64(getppid())
private let ended = Int64(Int32.max)

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
    watch.find(in: info(rows))
  }

  private func find(_ watch: inout FirstTraceWatch, _ info: InfoAnswer) -> FirstTraceWatch.News { watch.find(in: info) }

  private func isAll(_ watch: inout FirstTraceWatch, _ info: InfoAnswer) -> Bool { watch.isAllOfCommand(info) }

  @Test(arguments: [true, false]) func `finds the command's own`(_ isShared: Bool) {
    var watch = watch(isShared: isShared)
    #expect(find(&watch) == .nothing)
    #expect(find(&watch, row(stranger), row(own)) == .first(row(own), after: .nanoseconds(100)))
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

  @Test func `says nothing of a stranger that runs, and claims nothing any more that nobody saw`() {
    var watch = watch(isShared: false)
    #expect(find(&watch, row(stranger)) == .nothing)
    #expect(watch.isShared)
    #expect(find(&watch, row(stranger), row(ended)) == .unclaimed(row(ended)))
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
    #expect(!isAll(&single, info(row(stranger), row(own))))
  }
}

@Suite struct `The family of a command` {
  @Test func `keeps those that ended or lost their parent, and no number that is in use again`() {
    var family = ProcessFamily(of: 10)
    family.add([10, 11, 12])
    family.add([10, 12])
    #expect(family.place(of: 10) { _ in true } == .member)
    #expect(family.place(of: 12) { _ in true } == .member)
    #expect(family.place(of: 11) { _ in false } == .member)
    #expect(family.place(of: 11) { _ in true } == .stranger)
    #expect(family.place(of: 13) { _ in false } == .ended)
    #expect(family.place(of: 0) { _ in true } == .unnamed)
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
    var family = ProcessFamily(of: getpid())
    family.look()
    #expect(family.place(of: Int64(child.pid)) == .member)
    child.send(SIGKILL)
    // Without reaping it: it ends, and stays in the table.
    while ProcessTree.isRunning(child.pid) { sched_yield() }
    while child.poll() == nil { sched_yield() }
    family.look()
    #expect(family.place(of: Int64(child.pid)) == .member)
    #expect(!ProcessTree.isRunning(child.pid) && ProcessTree.isRunning(getpid()))
  }
}
