import Testing

@testable import Agent

@Suite struct FlushScheduleTests {
  @Test func `statistics are due once after each boundary of a bucket`() {
    var schedule = FlushSchedule(bucketSizeNs: 10, nowNs: 103)
    let due = (103...145).filter { schedule.isStatsDue(nowNs: Int64($0)) }
    #expect(due == [110, 120, 130, 140])
  }

  @Test func `a pause makes them due once`() {
    var schedule = FlushSchedule(bucketSizeNs: 10, nowNs: 100)
    #expect([500, 501, 509, 510].map { schedule.isStatsDue(nowNs: $0) } == [true, false, false, true])
  }

  @Test func `a clock that is set back does not hold them up`() {
    var schedule = FlushSchedule(bucketSizeNs: 10, nowNs: 1_000)
    #expect([500, 501, 510].map { schedule.isStatsDue(nowNs: $0) } == [true, false, true])
  }
}
