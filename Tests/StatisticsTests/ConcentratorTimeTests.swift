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
    try counting.add(
      [[Self.span(startSeconds: 9.99, seconds: 0.02)], [Self.span(startSeconds: 9.97, seconds: 0.02)]],
      nowNs: start + second)
    let buckets = counting.payload().stats[0].stats
    #expect(buckets.map(\.start) == [UInt64(start), UInt64(start + 10 * second)])
    #expect(buckets.allSatisfy { $0.duration == UInt64(10 * second) && $0.stats.map(\.hits) == [1] })
  }

  @Test func `a bucket closes when its start is two sizes old`() throws {
    var counting = Counting()
    try counting.add([[Self.span(startSeconds: 1)], [Self.span(startSeconds: 11)]], nowNs: start + 11 * second)
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

  /// Three seconds into a bucket: the lead of each span's end in ns, and the bucket in which it is counted.
  @Test(
    arguments: [
      (0, 0, false), (6 * second, 0, false), (7 * second, 10, false), (10 * second, 10, false),
      (10 * second + 1, 0, true), (3_594 * second, 0, true), (5_462_304_454 * second, 0, true),
    ] as [(Int64, Int64, Bool)])
  func `a span that ends more than a bucket ahead is counted in the current bucket and said`(
    lead: Int64, bucket: Int64, isAhead: Bool
  ) throws {
    let now = start + 3 * second
    // A clock that is ahead, and a clock that is right with a duration that is too long.
    for duration in [0, lead] {
      var counting = Counting()
      let span = TestSpan().with {
        $0.startNs = now + lead - duration
        $0.durationNs = duration
      }
      try counting.add([[span]], nowNs: now)
      #expect(counting.concentrator.buckets.map(\.startNs) == [start + bucket * second])
      #expect(counting.concentrator.spansAhead == (isAhead ? 1 : 0))
      // Nor does it seem to have ended later than now.
      #expect(counting.concentrator.buckets.flatMap(\.groups).map(\.lastEndNs) == [now])
      #expect(counting.payload().stats[0].stats.map(\.start) == [UInt64(start + bucket * second)])
    }
  }

  @Test func `clocks ahead of ours open no buckets, and what they sent is counted once`() throws {
    var counting = Counting()
    for hour in 1...100 { try counting.add([[Self.span(startSeconds: Double(hour) * 3_600)]]) }
    #expect(counting.concentrator.buckets.map(\.startNs) == [start])
    #expect(counting.concentrator.spansAhead == 100)
    #expect(counting.groups().map(\.hits) == [100])
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
