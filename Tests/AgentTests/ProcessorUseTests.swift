import Testing

@testable import Agent

@Suite struct `What the agent takes of a processor` {
  @Test func `is a share of the time since the look before, of some seconds at least`() {
    let start = ContinuousClock.now
    let use = ProcessorUse(now: start, usedNs: 1_000_000_000)
    #expect(use.percent(now: start + .seconds(1), usedNs: 2_000_000_000) == 0)
    #expect(use.percent(now: start + .seconds(10), usedNs: 6_000_000_000) == 50)
    #expect(use.percent(now: start + .seconds(12), usedNs: 8_000_000_000) == 50)
    #expect(use.percent(now: start + .seconds(20), usedNs: 22_000_000_000) == 160)
    #expect(use.percent(now: start + .seconds(30), usedNs: 0) == 0)
  }
}
