import Statistics

/// When what is flushed: decides, touches nothing.
struct FlushSchedule: Sendable {
  private let bucketSizeNs: Int64
  private var nextStatsNs: Int64

  init(bucketSizeNs: Int64, nowNs: Int64) {
    self.bucketSizeNs = bucketSizeNs
    nextStatsNs = BucketClock.align(nowNs, bucketSizeNs) &+ bucketSizeNs
  }

  /// Whether a bucket boundary has passed since the last time. A clock that jumps back starts anew.
  mutating func isStatsDue(nowNs: Int64) -> Bool {
    let due = nowNs >= nextStatsNs || nextStatsNs &- nowNs > bucketSizeNs
    if due { nextStatsNs = BucketClock.align(nowNs, bucketSizeNs) &+ bucketSizeNs }
    return due
  }

  /// Makes them due again at the next look, when not all could be had.
  mutating func repeatStats(nowNs: Int64) { nextStatsNs = nowNs }
}
