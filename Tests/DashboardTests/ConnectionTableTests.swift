import Testing

@testable import Dashboard

@Suite struct `Connections to the page` {
  private static func table(_ phases: [ConnectionTable.Phase]) -> ConnectionTable {
    var table = ConnectionTable()
    for (number, phase) in phases.enumerated() {
      table.open(UInt64(number), nowMs: 0)
      table.enter(phase, UInt64(number), nowMs: UInt64(number))
    }
    return table
  }

  @Test(arguments: [
    (ConnectionTable.Phase.new, 10_000 as UInt64?), (.idle, 30_000), (.answering, 60_000), (.asleep, nil),
  ])
  func `go after a time that depends on what they do`(phase: ConnectionTable.Phase, limitMs: UInt64?) {
    var table = Self.table([phase])
    #expect(table.takeLeaving(nowMs: limitMs ?? 1_000_000) == [])
    #expect(table.takeLeaving(nowMs: (limitMs ?? 1_000_000) + 1) == (limitMs == nil ? [] : [0]))
    #expect(table.takeLeaving(nowMs: 9_000_000) == [], "nobody is sent away twice")
  }

  @Test func `are measured anew when they do something else`() {
    var table = Self.table([.new])
    table.enter(.answering, 0, nowMs: 10_000)
    table.enter(.idle, 0, nowMs: 10_001)
    #expect(table.takeLeaving(nowMs: 40_001) == [])
    #expect(table.takeLeaving(nowMs: 40_002) == [0])
  }

  @Test func `give way to one more when there are too many, the silent before the slow, the oldest first`() {
    var phases = [ConnectionTable.Phase](repeating: .answering, count: ConnectionTable.connectionsMax)
    phases[0] = .asleep
    phases[7] = .idle
    phases[9] = .new
    var table = Self.table(phases)
    #expect(table.takeLeaving(nowMs: 100) == [])
    for (newcomer, leaving) in [(100, 7), (101, 9), (102, 100)] as [(UInt64, UInt64)] {
      table.open(newcomer, nowMs: newcomer)
      #expect(table.takeLeaving(nowMs: newcomer) == [leaving])
    }
    table.enter(.answering, 101, nowMs: 103)
    table.enter(.answering, 102, nowMs: 104)
    table.open(103, nowMs: 105)
    table.enter(.answering, 103, nowMs: 105)
    #expect(table.takeLeaving(nowMs: 105) == [1])
  }

  @Test func `leave room when they close`() {
    var table = Self.table([ConnectionTable.Phase](repeating: .idle, count: ConnectionTable.connectionsMax))
    table.close(3)
    table.open(1_000, nowMs: 1_000)
    #expect(table.takeLeaving(nowMs: 1_000) == [])
  }
}
