@testable import Statistics

extension DDSketch {
  /// What is wrong with the sketch; nothing unless this code is. O(bins).
  var brokenInvariants: [String] {
    var broken: [String] = []
    if bins.count > Self.binsMax { broken.append("\(bins.count) bins") }
    let counted = bins.reduce(0) { $0 + UInt64($1) } + zeroCount
    // A bin stops at its largest count.
    if bins.contains(.max) ? counted > count : counted != count {
      broken.append("bins and zeros hold \(counted) of \(count) values")
    }
    if bins.contains(where: { $0 > 0 }) {
      let quantiles = [0, 0.25, 0.5, 0.75, 1].map(quantile)
      if quantiles != quantiles.sorted() { broken.append("quantiles fall: \(quantiles)") }
    }
    return broken
  }
}
