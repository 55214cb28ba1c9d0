@testable import Statistics

extension DDSketch {
  /// What is wrong with the sketch; nothing unless this code is. O(bins).
  var brokenInvariants: [String] {
    var broken: [String] = []
    if bins.count > Self.binsMax { broken.append("\(bins.count) bins") }
    let used = usedBins
    let counted = used.reduce(0) { $0 + UInt64($1.count) } + zeroCount
    if zip(used, used.dropFirst()).contains(where: { $0.index >= $1.index }) { broken.append("bins are out of order") }
    if let low = used.first?.index, let high = used.last?.index, high - low >= Self.binsMax {
      broken.append("bins from \(low) to \(high)")
    }
    if bins.count > max(Self.windowMin, Self.windowPerValue * Int(min(count, 10_000))) {
      broken.append("\(bins.count) bins for \(count) values")
    }
    // A bin stops at its largest count.
    if used.contains(where: { $0.count == .max }) ? counted > count : counted != count {
      broken.append("bins and zeros hold \(counted) of \(count) values")
    }
    if !used.isEmpty {
      let quantiles = [0, 0.25, 0.5, 0.75, 1].map(quantile)
      if quantiles != quantiles.sorted() { broken.append("quantiles fall: \(quantiles)") }
    }
    return broken
  }
}
