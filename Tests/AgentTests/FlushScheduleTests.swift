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

  @Test func `when not all could be had they are due at once, then ever later up to a bucket, then at the boundary`() {
    var schedule = FlushSchedule(bucketSizeNs: 10, nowNs: 100)
    var due: [Int64] = []
    for now in 109...173 as ClosedRange<Int64> where schedule.isStatsDue(nowNs: now) {
      due.append(now)
      if now < 145 || now == 160 { schedule.repeatStats(nowNs: now) } else { schedule.endRepeating() }
    }
    #expect(due == [110, 111, 113, 117, 125, 135, 145, 150, 160, 161, 170])
  }

  @Test func `a clock that is set back does not hold them up`() {
    var schedule = FlushSchedule(bucketSizeNs: 10, nowNs: 1_000)
    #expect([500, 501, 510].map { schedule.isStatsDue(nowNs: $0) } == [true, false, true])
  }
}
