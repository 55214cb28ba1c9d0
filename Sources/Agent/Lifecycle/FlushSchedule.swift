import Statistics

/// When what is flushed: decides, touches nothing.
struct FlushSchedule: Sendable {
  private let bucketSizeNs: Int64
  private var nextStatsNs: Int64
  /// Before the next attempt, when not all could be had.
  private var pauseNs: Int64 = 0

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

  /// Makes them due again when not all could be had: at the next look, and then after pauses that double up to a bucket's
  /// width. Each attempt waits for a thread that may never come back.
  mutating func repeatStats(nowNs: Int64) {
    nextStatsNs = nowNs &+ pauseNs
    pauseNs = min(max(pauseNs &* 2, bucketSizeNs / 5), bucketSizeNs)
  }

  /// All could be had: should that change again, pauses begin anew.
  mutating func endRepeating() { pauseNs = 0 }
}
