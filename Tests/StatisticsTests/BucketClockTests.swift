import TestFixtures
import Testing

@testable import Statistics

@Suite struct BucketClockTests {
  @Test func `times fall into the buckets of the vectors`() throws {
    let document = try #require(Fixtures.json("vectors/time_alignment_computed.json") as? [String: Any])
    let cases = try #require(document["concentrator_align"] as? [[String: Any]])
    #expect(cases.count >= 4)
    for one in cases {
      let now = try #require(one["now_ns"] as? Int64)
      #expect(BucketClock.align(now, 10 * second) == one["bucket_10s"] as? Int64, "of \(now)")
    }
  }

  @Test func `times before 1970 align downwards`() {
    #expect(BucketClock.align(-1, 10) == -10 && BucketClock.align(-10, 10) == -10 && BucketClock.align(9, 10) == 0)
  }

  @Test(
    arguments: [
      (-1_000, 0, false), (-1, 0, false), (0, 0, false), (9, 0, false), (10, 10, false), (19, 10, false),
      (20, 0, true), (100_000, 0, true),
    ] as [(Int64, Int64, Bool)])
  func `a late span goes to the oldest open bucket, one from the future to the current`(
    endSeconds: Int64, bucketSeconds: Int64, isClamped: Bool
  ) {
    let clock = BucketClock(sizeNs: 10 * second, nowNs: start + 5 * second)
    let bucket = clock.bucket(endNs: start + endSeconds * second, nowNs: start + 5 * second)
    #expect(bucket.startNs == start + bucketSeconds * second && bucket.isClamped == isClamped)
  }

  @Test func `after a flush late spans go to the bucket before the current one`() {
    var clock = BucketClock(sizeNs: 10 * second, nowNs: start)
    clock.advance(nowNs: start + 35 * second)
    #expect(clock.oldestNs == start + 20 * second)
    #expect(clock.bucket(endNs: start, nowNs: start + 35 * second).startNs == start + 20 * second)
  }

  @Test func `a bucket of no width is taken as one nanosecond`() {
    #expect(BucketClock(sizeNs: 0, nowNs: start).sizeNs == 1)
    #expect(BucketClock(sizeNs: -5, nowNs: start).bucket(endNs: start, nowNs: start).startNs == start)
  }
}
