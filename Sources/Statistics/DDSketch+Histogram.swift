extension DDSketch {
  /// The values of one range.
  package struct Range: Sendable, Equatable {
    /// Where it begins and ends; zero for the values of zero.
    package var from: Double
    package var to: Double
    package var count: UInt64
  }

  /// The counted values in at most `rangesMax` ranges without gaps, lowest first. Neighbouring bins are joined, as many
  /// for each range as it takes; the values of zero begin the lowest range.
  package func histogram(rangesMax: Int) -> [Range] {
    guard let first = bins.firstIndex(where: { $0 > 0 }), let last = bins.lastIndex(where: { $0 > 0 }) else {
      return zeroCount > 0 ? [Range(from: 0, to: 0, count: zeroCount)] : []
    }
    var width = 1
    while ranges(from: first, to: last, width: width).count > max(rangesMax - 1, 1) { width *= 2 }
    var found = ranges(from: first, to: last, width: width).map { range in
      // The edges of a bin are a relative accuracy away from the value that stands for it.
      Range(
        from: Self.lowerEdge(ofIndex: range * width), to: Self.lowerEdge(ofIndex: (range + 1) * width),
        count: count(inRange: range, width: width))
    }
    if zeroCount > 0, let low = found.first {
      found.insert(Range(from: 0, to: low.from, count: zeroCount), at: 0)
    }
    return found
  }

  /// Numbers of the ranges that hold two bins and all between them.
  private func ranges(from first: Int, to last: Int, width: Int) -> ClosedRange<Int> {
    Self.floorDivide(firstIndex + first, width)...Self.floorDivide(firstIndex + last, width)
  }

  private func count(inRange range: Int, width: Int) -> UInt64 {
    (range * width..<(range + 1) * width).reduce(0) { sum, index in
      let position = index - firstIndex
      return bins.indices.contains(position) ? sum &+ UInt64(bins[position]) : sum
    }
  }

  private static func lowerEdge(ofIndex index: Int) -> Double { value(ofIndex: index) / (1 + relativeAccuracy) }

  private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
    let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
