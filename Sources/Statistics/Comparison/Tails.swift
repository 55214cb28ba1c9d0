import Platform

/// Probabilities of counts at least or at most as large as what was seen, if chance alone were at work.
///
/// Exact sums of terms. Where the distribution is so wide that these would be thousands, the normal distribution with
/// continuity correction takes their place.
enum Tails {
  /// Variance from which on the normal distribution is near enough.
  private static let varianceMax = 10_000.0
  /// A term that is smaller than this part of the sum ends it.
  private static let negligible = 1e-14

  /// The chance of `count` or more successes in `trials` trials that succeed with probability `p`.
  static func binomialUpper(_ count: UInt64, of trials: UInt64, p: Double) -> Double {
    if count == 0 { return 1 }
    guard count <= trials, p > 0 else { return 0 }
    guard p < 1 else { return 1 }
    return binomial(Double(count), of: Double(trials), p: p)
  }

  /// The chance of `count` or fewer successes in `trials` trials that succeed with probability `p`.
  static func binomialLower(_ count: UInt64, of trials: UInt64, p: Double) -> Double {
    // As many failures as are left, or more.
    count >= trials ? 1 : binomialUpper(trials - count, of: trials, p: 1 - p)
  }

  private static func binomial(_ count: Double, of trials: Double, p: Double) -> Double {
    let mean = trials * p
    let variance = mean * (1 - p)
    if variance > varianceMax { return normalUpper((count - 0.5 - mean) / variance.squareRoot()) }
    let odds = p / (1 - p)
    let logOfTerm = { (k: Double) in logChoices(k, of: trials) + k * log(p) + (trials - k) * log1p(-p) }
    if count > mean {
      return sum(from: exp(logOfTerm(count)), at: count, to: trials) { (trials - $0) / ($0 + 1) * odds }
    }
    let below = count - 1
    return 1 - sum(from: exp(logOfTerm(below)), at: below, to: 0) { $0 / (trials - $0 + 1) / odds }
  }

  /// The chance that of `drawn` out of `all` things, of which `marked` are marked, `count` or more are.
  static func hypergeometricUpper(_ count: UInt64, drawn: UInt64, marked: UInt64, all: UInt64) -> Double {
    let (n, k, total) = (Double(drawn), Double(marked), Double(all))
    let least = max(0, n + k - total)
    let most = min(n, k)
    let count = Double(count)
    if count <= least { return 1 }
    guard count <= most, total > 1 else { return 0 }
    let mean = n * k / total
    let variance = mean * (1 - k / total) * (total - n) / (total - 1)
    if variance > varianceMax { return normalUpper((count - 0.5 - mean) / variance.squareRoot()) }
    let logOfTerm = { (x: Double) in
      logChoices(x, of: k) + logChoices(n - x, of: total - k) - logChoices(n, of: total)
    }
    if count > mean {
      return sum(from: exp(logOfTerm(count)), at: count, to: most) {
        (k - $0) / ($0 + 1) * (n - $0) / (total - k - n + $0 + 1)
      }
    }
    let below = count - 1
    return 1
      - sum(from: exp(logOfTerm(below)), at: below, to: least) {
        $0 / (k - $0 + 1) * (total - k - n + $0) / (n - $0 + 1)
      }
  }

  /// Adds terms from `first`, which stands at `position`, towards `end`; `ratio` is the next one's to the one at a
  /// position. Away from the mean they only shrink.
  private static func sum(
    from first: Double, at position: Double, to end: Double, ratio: (Double) -> Double
  ) -> Double {
    let step: Double = end >= position ? 1 : -1
    var (term, total, position) = (first, first, position)
    while position != end, term > total * negligible {
      term *= ratio(position)
      total += term
      position += step
    }
    return min(max(total, 0), 1)
  }

  private static func normalUpper(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }

  /// The logarithm of the number of ways to choose `k` of `n` things.
  private static func logChoices(_ k: Double, of n: Double) -> Double {
    logFactorial(n) - logFactorial(k) - logFactorial(n - k)
  }

  private static func logFactorial(_ n: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(n + 1, &sign)
  }
}
