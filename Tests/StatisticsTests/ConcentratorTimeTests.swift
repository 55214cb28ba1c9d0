import TestSpans
import Testing

@testable import Statistics

@Suite struct ConcentratorTimeTests {
  private static func span(startSeconds: Double, seconds: Double = 0) -> TestSpan {
    TestSpan().with {
      $0.startNs = start + Int64(startSeconds * 1e9)
      $0.durationNs = Int64(seconds * 1e9)
    }
  }

  @Test func `a span belongs to the bucket in which it ends`() throws {
    var counting = Counting()
    try counting.add([[Self.span(startSeconds: 9.99, seconds: 0.02)], [Self.span(startSeconds: 9.97, seconds: 0.02)]])
    let buckets = counting.payload().stats[0].stats
    #expect(buckets.map(\.start) == [UInt64(start), UInt64(start + 10 * second)])
    #expect(buckets.allSatisfy { $0.duration == UInt64(10 * second) && $0.stats.map(\.hits) == [1] })
  }

  @Test func `a bucket closes when its start is two sizes old`() throws {
    var counting = Counting()
    try counting.add([[Self.span(startSeconds: 1)], [Self.span(startSeconds: 11)]])
    #expect(counting.concentrator.takeBuckets(nowNs: start + 20 * second - 1).isEmpty)
    #expect(counting.concentrator.takeBuckets(nowNs: start + 20 * second).map(\.startNs) == [start])
    #expect(counting.concentrator.takeBuckets(nowNs: start + 20 * second).isEmpty)
    #expect(
      counting.concentrator.takeBuckets(nowNs: start + 20 * second, all: true).map(\.startNs) == [start + 10 * second])
  }

  @Test func `a late span is counted once, in the oldest open bucket`() throws {
    var counting = Counting()
    let now = start + 60 * second
    _ = counting.concentrator.takeBuckets(nowNs: now)
    try counting.add([[Self.span(startSeconds: 1)]], nowNs: now)
    #expect(counting.concentrator.buckets.map(\.startNs) == [start + 50 * second])
  }

  @Test func `spans from before the agent's start are counted in its first bucket`() throws {
    var counting = Counting()
    try counting.add([[Self.span(startSeconds: -3_600)]])
    #expect(counting.concentrator.buckets.map(\.startNs) == [start])
  }

  @Test func `spans from the future are counted in the bucket of their end, which the next flush closes`() throws {
    var counting = Counting()
    try counting.add([[Self.span(startSeconds: 86_400)], [Self.span(startSeconds: 12)], [Self.span(startSeconds: 25)]])
    let buckets = [start + 86_400 * second, start + 10 * second, start + 20 * second]
    #expect(counting.concentrator.buckets.map(\.startNs) == buckets)
    #expect(counting.concentrator.clampedSpans == 0)
    // Nor does it seem to have ended later than now.
    #expect(counting.concentrator.buckets.flatMap(\.groups).allSatisfy { $0.lastEndNs <= start + 12 * second })
    #expect(counting.concentrator.takeBuckets(nowNs: start + 10 * second).map(\.startNs) == [buckets[0]])
  }

  @Test func `clocks ahead of ours cannot open buckets without end`() throws {
    var counting = Counting()
    for hour in 1...100 { try counting.add([[Self.span(startSeconds: Double(hour) * 3_600)]]) }
    #expect(counting.concentrator.buckets.count == Concentrator.bucketsMax + 1)
    #expect(counting.concentrator.clampedSpans == UInt64(100 - Concentrator.bucketsMax))
    #expect(counting.groups().reduce(0) { $0 + $1.hits } == 100)
  }

  @Test func `no span is lost over many flushes`() throws {
    var counting = Counting()
    var sent: UInt64 = 0
    for step in 0..<120 {
      let now = start + Int64(step) * second
      try counting.add([[Self.span(startSeconds: Double(step) - 30, seconds: Double(step % 40))]], nowNs: now)
      if step % 10 == 0 {
        sent += counting.assemble(counting.concentrator.takeBuckets(nowNs: now)).groups.reduce(0) { $0 + $1.hits }
      }
    }
    sent += counting.groups().reduce(0) { $0 + $1.hits }
    #expect(sent == 120)
  }

  @Test func `statistics go on after the clock was set back`() throws {
    // It was an hour ahead when the agent started.
    var counting = Counting(nowNs: start + 3_600 * second)
    for step in 0..<4 {
      try counting.add([[Self.span(startSeconds: Double(step * 10))]], nowNs: start + Int64(step * 10) * second)
      _ = counting.concentrator.takeBuckets(nowNs: start + Int64(step * 10) * second)
    }
    #expect(counting.concentrator.buckets.contains { $0.startNs == start + 30 * second })
    let taken = counting.concentrator.takeBuckets(nowNs: start + 60 * second)
    #expect(!taken.isEmpty && counting.concentrator.buckets.isEmpty)
  }
}
