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
    let used = usedBins
    guard let first = used.first?.index, let last = used.last?.index else {
      return zeroCount > 0 ? [Range(from: 0, to: 0, count: zeroCount)] : []
    }
    var width = 1
    while Self.ranges(from: first, to: last, width: width).count > max(rangesMax - 1, 1) { width *= 2 }
    let numbers = Self.ranges(from: first, to: last, width: width)
    var found = numbers.map { range in
      // The edges of a bin are a relative accuracy away from the value that stands for it.
      Range(from: Self.lowerEdge(ofIndex: range * width), to: Self.lowerEdge(ofIndex: (range + 1) * width), count: 0)
    }
    for bin in used {
      found[Self.floorDivide(bin.index, width) - numbers.lowerBound].count &+= UInt64(bin.count)
    }
    if zeroCount > 0, let low = found.first {
      found.insert(Range(from: 0, to: low.from, count: zeroCount), at: 0)
    }
    return found
  }

  /// Numbers of the ranges that hold two bins and all between them.
  private static func ranges(from first: Int, to last: Int, width: Int) -> ClosedRange<Int> {
    floorDivide(first, width)...floorDivide(last, width)
  }

  private static func lowerEdge(ofIndex index: Int) -> Double { value(ofIndex: index) / (1 + relativeAccuracy) }

  private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
    let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}
