import Platform

/// Tests of whether two counts or two sketches differ by more than chance.
///
/// Each gives a p-value: the chance, at most, of a difference as clear as this one, were nothing changed. All are exact and
/// assume nothing of how durations are distributed.
package enum ChangeTest {
  /// Hits of `a` and `b` in times, or out of totals, of these sizes: given their sum, those of `b` are binomial (the
  /// exact test of two Poisson rates). `nil` where there is nothing to compare.
  package static func hits(_ a: UInt64, of sizeA: Double, _ b: UInt64, of sizeB: Double) -> Double? {
    let (all, overflow) = a.addingReportingOverflow(b)
    guard !overflow, all > 0, sizeA > 0, sizeB > 0 else { return nil }
    let p = sizeB / (sizeA + sizeB)
    return twoSided(Tails.binomialUpper(b, of: all, p: p), Tails.binomialLower(b, of: all, p: p))
  }

  /// Shares of errors: Fisher's exact test. `nil` where one side has no hits or there are no errors at all.
  package static func errors(_ a: UInt64, of hitsA: UInt64, _ b: UInt64, of hitsB: UInt64) -> Double? {
    let (all, overflow) = hitsA.addingReportingOverflow(hitsB)
    guard !overflow, hitsA > 0, hitsB > 0, a <= hitsA, b <= hitsB, a + b > 0 else { return nil }
    // `a` few of one side are as many of the other: the lower tail of one is the upper tail of the other.
    return twoSided(
      Tails.hypergeometricUpper(b, drawn: hitsB, marked: a + b, all: all),
      Tails.hypergeometricUpper(a, drawn: hitsA, marked: a + b, all: all))
  }

  /// Quantiles `q` (0…1) of two sketches: whether both can be in one bin. `nil` where one side has no hits.
  ///
  /// Of each bin, the counts below it and up to it say how likely the quantile is in it (binomial, as for order-statistic
  /// confidence intervals); what the two sides say is combined by Fisher's method, and the bin that fits best counts.
  /// Both sketches count in the same bins, so these counts are exact, and two quantiles in one bin (2 %) are never told
  /// apart.
  /// - Parameter level: a p-value above it is not calculated to the end, and may be too small.
  package static func quantiles(
    _ q: Double, _ a: DDSketch, _ b: DDSketch, level: Double = 1
  ) -> (p: Double, isHigher: Bool)? {
    guard a.count > 0, b.count > 0, q > 0, q < 1 else { return nil }
    let zeros = min(a.usedBins.first?.index ?? 0, b.usedBins.first?.index ?? 0) - 1
    let (countsA, countsB) = (CumulativeCounts(a, zeros: zeros), CumulativeCounts(b, zeros: zeros))
    let (binA, binB) = (countsA.bin(of: q), countsB.bin(of: q))
    guard binA != binB else { return (1, false) }
    let isHigher = binB > binA
    let (lower, higher) = isHigher ? (countsA, countsB) : (countsB, countsA)
    /// The chance that both are in a bin between theirs.
    func fit(_ bin: Int) -> Double {
      let isNotBelow = min(1, 2 * Tails.binomialUpper(lower.upTo(bin - 1), of: lower.all, p: q))
      let isNotAbove = min(1, 2 * Tails.binomialLower(higher.upTo(bin), of: higher.all, p: q))
      let product = isNotBelow * isNotAbove
      return product > 0 ? product * (1 - log(product)) : 0
    }
    let bins = min(binA, binB)...max(binA, binB)
    // From the middle on, as that one often fits too well already.
    let middle = bins.lowerBound + bins.count / 2
    var best = fit(middle)
    var last: (UInt64, UInt64)?
    for bin in bins where best <= level {
      let counts = (lower.upTo(bin - 1), higher.upTo(bin))
      if let last, last == counts { continue }
      last = counts
      best = max(best, fit(bin))
    }
    return (min(1, best), isHigher)
  }

  private static func twoSided(_ upper: Double, _ lower: Double) -> Double { min(1, 2 * min(upper, lower)) }
}

/// How many values of a sketch lie in the bins up to one.
private struct CumulativeCounts {
  private let first: Int
  private let zerosBin: Int
  private let zeros: UInt64
  private var counts: [UInt64] = []
  let all: UInt64

  /// - Parameter zeros: the bin that zeros are taken to be in, below all others.
  init(_ sketch: DDSketch, zeros bin: Int) {
    let used = sketch.usedBins
    first = used.first?.index ?? 0
    zerosBin = bin
    zeros = sketch.zeroCount
    var sum = zeros
    if let last = used.last?.index { counts.reserveCapacity(last - first + 1) }
    for bin in used {
      while counts.count < bin.index - first { counts.append(sum) }
      sum &+= UInt64(bin.count)
      counts.append(sum)
    }
    // Bins stop at `UInt32.max`: then they hold less than was counted.
    all = sum
  }

  func upTo(_ bin: Int) -> UInt64 {
    if bin < first { return bin < zerosBin ? 0 : zeros }
    return bin - first < counts.count ? counts[bin - first] : all
  }

  func bin(of quantile: Double) -> Int {
    let rank = quantile * Double(all)
    if Double(zeros) >= rank { return zerosBin }
    return first + (counts.firstIndex { Double($0) >= rank } ?? max(0, counts.count - 1))
  }
}

/// Holm's correction: which of many p-values are significant, so that with nothing changed there is a single one among
/// them at most with probability `level`.
package struct HolmCorrection {
  /// p-values up to this one are significant; below 0 when none is.
  package let threshold: Double

  /// - Parameter level: the chance of any false finding among all of them, 0…1.
  package init(_ values: [Double], level: Double) {
    var threshold = -1.0
    for (index, value) in values.sorted().enumerated() {
      guard value <= level / Double(values.count - index) else { break }
      threshold = value
    }
    self.threshold = threshold
  }

  /// Whether a p-value of the list is significant.
  package func isSignificant(_ value: Double) -> Bool { value <= threshold }
}
