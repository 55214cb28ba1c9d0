import Testing

@testable import Platform

@Suite struct `Threads on demand` {
  /// Work that goes on until it is let go.
  private final class Gate: Sendable {
    let began: WakePipe
    let mayEnd: WakePipe

    init() throws { (began, mayEnd) = (try WakePipe(), try WakePipe()) }

    func pass() {
      began.wake()
      _ = mayEnd.waitUntilWoken(atMost: .seconds(60))
    }

    var hasBegun: Bool { began.waitUntilWoken(atMost: .seconds(60)) }
  }

  private static func waitUntilIdle(_ threads: OnDemandThreads) {
    while threads.threadCount > 0 { sched_yield() }
  }

  @Test func `work side by side, as many as may, and are gone when there is nothing to do`() throws {
    let threads = OnDemandThreads(name: "test", threadsMax: 2, waitingMax: 8)
    #expect(threads.threadCount == 0)
    let gates = try (0..<2).map { _ in try Gate() }
    let (done, refused) = (Counter(), Counter())
    for gate in gates { threads.run({ gate.pass() }, orRefuse: { refused.increment() }) }
    #expect(gates.allSatisfy { $0.hasBegun } && threads.threadCount == 2)
    for _ in 0..<5 { threads.run({ done.increment() }, orRefuse: { refused.increment() }) }
    #expect(threads.threadCount == 2 && done.value == 0)
    // One is enough for all that waits.
    gates[0].mayEnd.wake()
    while done.value < 5 { sched_yield() }
    gates[1].mayEnd.wake()
    Self.waitUntilIdle(threads)
    #expect(refused.value == 0)
    threads.run({ done.increment() }, orRefuse: {})
    Self.waitUntilIdle(threads)
    #expect(done.value == 6)
  }

  @Test func `refuse what would wait too long, and what waits when they are stopped`() throws {
    let threads = OnDemandThreads(name: "test", threadsMax: 1, waitingMax: 2)
    let gate = try Gate()
    let (done, refused) = (Counter(), Counter())
    threads.run({ gate.pass() }, orRefuse: { refused.increment() })
    #expect(gate.hasBegun)
    for _ in 0..<5 { threads.run({ done.increment() }, orRefuse: { refused.increment() }) }
    #expect(refused.value == 3)
    #expect(!threads.stop(deadline: .now), "what runs is left to itself")
    let stopped = Counter()
    let stopping = try JoinableThread(name: "stops") {
      threads.stop(deadline: .now + .seconds(60))
      stopped.increment()
    }
    while refused.value < 5 { sched_yield() }
    #expect(stopped.value == 0, "it waits for what runs")
    gate.mayEnd.wake()
    stopping.join()
    threads.run({ done.increment() }, orRefuse: { refused.increment() })
    #expect(done.value == 0 && refused.value == 6 && threads.threadCount == 0)
  }
}
