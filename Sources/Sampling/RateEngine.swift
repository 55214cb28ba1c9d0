/// Finds, for each signature of traces, the rate at which about `targetTPS` traces a second are kept in all.
///
/// It counts traces in six buckets of five seconds. On the first count in a new bucket the rates are set anew from the
/// busiest bucket of each signature: the target is shared out evenly, and what a quiet signature leaves goes to the
/// others. A rate falls at once but rises by at most 20 % each time, so that a pause does not open the gates.
package struct RateEngine: Sendable {
  package static let bucketSeconds: Int64 = 5
  package static let bucketsCount: Int64 = 6
  private static let maxIncrease = 1.2

  private struct Window: Sendable {
    var buckets = InlineArray<6, Float>(repeating: 0)

    mutating func add(_ amount: Float, bucket: Int64) { buckets[Self.slot(bucket)] += amount }

    /// Empties the buckets that time has passed and returns the fullest of the window; the one that is about to be
    /// used again still counts.
    mutating func rotate(from previous: Int64, to current: Int64) -> Float {
      var fullest: Float = 0
      for bucket in (previous + 1)...(previous + RateEngine.bucketsCount) {
        let slot = Self.slot(bucket)
        if bucket < current {
          buckets[slot] = 0
          continue
        }
        fullest = max(fullest, buckets[slot])
        if bucket == current { buckets[slot] = 0 }
      }
      return fullest
    }

    var fullest: Float {
      var result: Float = 0
      for slot in 0..<6 { result = max(result, buckets[slot]) }
      return result
    }

    private static func slot(_ bucket: Int64) -> Int {
      let rest = Int(bucket % RateEngine.bucketsCount)
      return rest < 0 ? rest + Int(RateEngine.bucketsCount) : rest
    }
  }

  /// Traces a second to keep, over all signatures.
  package private(set) var targetTPS: Double
  /// Multiplies every rate that is handed out.
  package let extraRate: Double
  private var seen: [UInt64: Window] = [:]
  private var all = Window()
  package private(set) var rates: [UInt64: Double] = [:]
  private var lowestRate = 0.0
  private var lastBucket: Int64 = 0

  package init(targetTPS: Double, extraRate: Double = 1) {
    self.targetTPS = targetTPS
    self.extraRate = extraRate
  }

  /// Aims at another number of traces. Rates change in proportion, so that it holds before they are set anew.
  package mutating func setTarget(_ targetTPS: Double) {
    if self.targetTPS > 0 {
      let change = targetTPS / self.targetTPS
      rates = rates.mapValues { min($0 * change, 1) }
      lowestRate = min(lowestRate * change, 1)
    } else {
      // From nothing there is no proportion: until the next setting the default holds for all.
      rates = [:]
      lowestRate = 0
    }
    self.targetTPS = targetTPS
  }

  /// Signatures that had traffic in the last `bucketsCount` buckets.
  package var count: Int { seen.count }

  /// Counts `weight` traces; returns whether the rates were set anew.
  package mutating func count(_ signature: UInt64, weight: Float, nowSeconds: Int64) -> Bool {
    let bucket = nowSeconds / Self.bucketSeconds
    let isRotated = bucket != lastBucket
    if isRotated { rotate(to: bucket) }
    lastBucket = bucket
    all.add(weight, bucket: bucket)
    seen[signature, default: Window()].add(weight, bucket: bucket)
    return isRotated
  }

  /// The rate for a signature; for one not yet rated, a rate that does no harm.
  package func rate(_ signature: UInt64) -> Double {
    rates[signature].map { $0 * extraRate } ?? defaultRate
  }

  /// The rate for signatures that have none of their own.
  package var defaultRate: Double {
    guard targetTPS > 0 else { return 0 }
    let seenTPS = Double(all.fullest) / Double(Self.bucketSeconds)
    let fair = targetTPS < seenTPS ? targetTPS / seenTPS : 1
    return lowestRate > 0 ? min(lowestRate, fair) : fair
  }

  private mutating func rotate(to bucket: Int64) {
    _ = all.rotate(from: lastBucket, to: bucket)
    guard !seen.isEmpty else { return }
    var traffic: [(signature: UInt64, tps: Double)] = []
    traffic.reserveCapacity(seen.count)
    for signature in Array(seen.keys) {
      let fullest = seen[signature, default: Window()].rotate(from: lastBucket, to: bucket)
      traffic.append((signature, Double(fullest) / Double(Self.bucketSeconds)))
    }
    let share = Self.share(of: targetTPS, among: traffic.map(\.tps))
    var newRates: [UInt64: Double] = [:]
    lowestRate = 1
    for (signature, tps) in traffic {
      var rate = share < tps && tps > 0 ? share / tps : 1
      if let previous = rates[signature], previous > 0 { rate = min(rate, previous * Self.maxIncrease) }
      rate = min(rate, 1)
      if rate == 1, tps == 0 {
        seen[signature] = nil
        continue
      }
      lowestRate = min(lowestRate, rate)
      newRates[signature] = rate
    }
    rates = newRates
  }

  /// Traces a second that each signature may keep: what quiet ones do not use is shared among the busier.
  package static func share(of target: Double, among traffic: [Double]) -> Double {
    let sorted = traffic.sorted()
    guard !sorted.isEmpty else { return target }
    var left = target
    var share = target / Double(sorted.count)
    for (index, tps) in sorted.enumerated() {
      if tps >= share || index == sorted.count - 1 { break }
      left -= tps
      share = left / Double(sorted.count - index - 1)
    }
    return share
  }
}
