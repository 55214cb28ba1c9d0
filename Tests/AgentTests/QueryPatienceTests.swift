import Testing

@testable import Agent

@Suite struct `A query's patience with a receiving thread` {
  /// Milliseconds from now: of the query's deadline, and until when it waits.
  @Test(
    arguments: [
      (deadline: 1_000, wasLate: false, limit: 1_000, isLate: true), (100, false, 100, true), (99, false, 99, false),
      // Another thread has used up the time.
      (0, false, 20, false), (-500, false, 20, false),
      (1_000, true, 20, true), (-500, true, 20, true),
    ] as [(deadline: Int, wasLate: Bool, limit: Int, isLate: Bool)])
  func `has a moment for each, and takes only one for late that it has waited for`(
    _ row: (deadline: Int, wasLate: Bool, limit: Int, isLate: Bool)
  ) {
    let now = ContinuousClock.now
    let patience = QueryPatience(deadline: now + .milliseconds(row.deadline), now: now, wasLate: row.wasLate)
    #expect(patience.limit == now + .milliseconds(row.limit))
    #expect(patience.isLate(hasAnswered: false) == row.isLate)
    #expect(!patience.isLate(hasAnswered: true))
  }
}
