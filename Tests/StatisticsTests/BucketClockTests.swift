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
      (-1_000, 0), (-1, 0), (0, 0), (9, 0), (10, 10), (19, 10), (20, 20), (100_000, 100_000),
    ] as [(Int64, Int64)])
  func `a late span goes to the oldest open bucket, any other to that of its end`(
    endSeconds: Int64, bucketSeconds: Int64
  ) {
    let clock = BucketClock(sizeNs: 10 * second, nowNs: start + 5 * second)
    #expect(clock.bucket(endNs: start + endSeconds * second) == start + bucketSeconds * second)
  }

  @Test func `after a flush late spans go to the bucket before the current one`() {
    var clock = BucketClock(sizeNs: 10 * second, nowNs: start)
    clock.advance(nowNs: start + 35 * second)
    #expect(clock.oldestNs == start + 20 * second)
    #expect(clock.bucket(endNs: start) == start + 20 * second)
  }

  @Test func `a bucket of no width is taken as one nanosecond`() {
    #expect(BucketClock(sizeNs: 0, nowNs: start).sizeNs == 1)
    #expect(BucketClock(sizeNs: -5, nowNs: start).bucket(endNs: start) == start)
  }
}
