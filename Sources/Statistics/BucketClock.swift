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

  /// The bucket for a span that ended at `endNs`, unless that is ahead: its own, or for a late span the oldest open one.
  @inline(__always)
  package func bucket(endNs: Int64) -> Int64 { max(Self.align(endNs, sizeNs), oldestNs) }

  /// Whether a span ends more than a bucket after now, which only a wrong clock or duration can explain. A smaller lead is
  /// that of clocks which nobody can set more exactly.
  @inline(__always)
  package func isAhead(endNs: Int64, nowNs: Int64) -> Bool {
    endNs > nowNs && UInt64(bitPattern: endNs &- nowNs) > UInt64(bitPattern: sizeNs)
  }

  /// The bucket that spans end in now.
  package func current(nowNs: Int64) -> Int64 { max(Self.align(nowNs, sizeNs), oldestNs) }

  /// Whether a bucket is closed at `nowNs`: its start is two sizes old, or so far ahead that only a clock which was set
  /// back can explain it.
  package func isClosed(_ startNs: Int64, nowNs: Int64) -> Bool {
    let (age, overflow) = nowNs.subtractingReportingOverflow(startNs)
    return overflow ? startNs < nowNs : age >= 2 * sizeNs || age < -2 * sizeNs
  }

  /// Moves on after a flush: late spans now go to the bucket before the current one. When the clock was set back, so is
  /// the oldest bucket.
  package mutating func advance(nowNs: Int64) {
    let previous = Self.align(nowNs, sizeNs) - sizeNs
    oldestNs = oldestNs - previous > 2 * sizeNs ? previous : max(oldestNs, previous)
  }
}
