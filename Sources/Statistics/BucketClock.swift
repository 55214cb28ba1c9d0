/// Which time bucket a span's end falls into. All times in ns since 1970.
package struct BucketClock: Sendable {
  /// Width of a bucket in ns; 10 s unless configured.
  package let sizeNs: Int64
  /// Buckets before this one are closed: late spans are counted here.
  package private(set) var oldestNs: Int64

  package init(sizeNs: Int64, nowNs: Int64) {
    self.sizeNs = max(sizeNs, 1)
    oldestNs = Self.align(nowNs, max(sizeNs, 1))
  }

  /// Start of the bucket that holds `timeNs`.
  package static func align(_ timeNs: Int64, _ sizeNs: Int64) -> Int64 {
    let rest = timeNs % sizeNs
    return timeNs - (rest < 0 ? rest + sizeNs : rest)
  }

  /// The bucket for a span that ended at `endNs`. A span that ends more than a bucket ahead of our clock is counted in
  /// the current bucket: broken clocks must neither fill memory with future buckets nor delay what they count.
  @inline(__always)
  package func bucket(endNs: Int64, nowNs: Int64) -> (startNs: Int64, isClamped: Bool) {
    let start = Self.align(endNs, sizeNs)
    if start < oldestNs { return (oldestNs, false) }
    let current = Self.align(nowNs, sizeNs)
    if start > current, start - current > sizeNs { return (max(current, oldestNs), true) }
    return (start, false)
  }

  /// The first bucket that stays open at `nowNs`: buckets close when their start is two sizes old.
  package func firstOpen(nowNs: Int64) -> Int64 {
    let (limit, overflow) = nowNs.subtractingReportingOverflow(2 * sizeNs)
    return overflow ? .min : limit
  }

  /// Moves on after a flush: late spans now go to the bucket before the current one.
  package mutating func advance(nowNs: Int64) {
    oldestNs = max(oldestNs, Self.align(nowNs, sizeNs) - sizeNs)
  }
}
