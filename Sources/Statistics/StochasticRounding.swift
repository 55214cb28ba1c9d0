/// Rounds a fraction up as often as it is large, so that sums of rounded values are true on average.
package enum StochasticRounding {
  /// The largest number below 2^64 that a double holds; what is larger is clamped.
  static let limit = 18_446_744_073_709_549_568.0

  /// The whole part, plus one with the probability of the fraction. Values outside `UInt64` are clamped.
  package static func round(_ value: Double, random: inout some RandomNumberGenerator) -> UInt64 {
    guard value > 0 else { return 0 }
    guard value < limit else { return .max }
    let whole = value.rounded(.down)
    let fraction = value - whole
    return UInt64(whole) + (fraction > 0 && Double.random(in: 0..<1, using: &random) < fraction ? 1 : 0)
  }
}
