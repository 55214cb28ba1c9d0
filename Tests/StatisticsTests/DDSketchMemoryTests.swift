import Platform
import TestFixtures
import Testing

@testable import Statistics

/// How much memory a sketch takes, whatever durations come.
@Suite struct `The memory of a sketch` {
  private static let year25 = 788_400_000_000_000_000.0

  /// Bytes that all bins from the lowest value to the highest would take, in steps of 16.
  private static func denseBytes(_ values: [Double]) -> Int {
    let indexes = values.map(DDSketch.index(of:))
    guard let low = indexes.min(), let high = indexes.max() else { return 0 }
    return (min(high - low + 1 + 16, DDSketch.binsMax) + 8) * 4
  }

  @Test func `follows the number of values and not how far they lie apart`() {
    var sketch = DDSketch()
    for _ in 0..<5 {
      sketch.add(1)
      sketch.add(Self.year25)
    }
    #expect(sketch.binBytes <= 256)
    #expect(sketch.brokenInvariants == [] && sketch.count == 10)
    #expect(abs(sketch.quantile(0.9) - Self.year25) <= Self.year25 * 0.010_001)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `is no more than that of all bins between, for honest durations`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for count in [1, 2, 5, 20, 100, 500, 3_000] {
      for spread in [1.2, 3, 10, 100, 10_000] {
        // Around 20 ms, as a service's durations are.
        let values = (0..<count).map { _ in 2e7 * Double.random(in: 1...spread, using: &random) }
        var sketch = DDSketch()
        for value in values { sketch.add(value) }
        // An array of all bins, which doubles as it grows, takes up to twice as much as its bins.
        #expect(sketch.binBytes <= 2 * Self.denseBytes(values) + 64, "seed \(seed), \(count) values over \(spread)")
      }
    }
  }

  /// The same values in a table of bins without limits, of which the lowest are merged at the end.
  private static func expected(_ values: [Double]) -> [Int: UInt32] {
    let indexes = values.map(DDSketch.index(of:))
    let lowest = (indexes.max() ?? 0) - DDSketch.binsMax + 1
    return indexes.reduce(into: [:]) { $0[max($1, lowest), default: 0] += 1 }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `costs no bin its count`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var (all, merged) = (DDSketch(), DDSketch())
    var values: [Double] = []
    for _ in 0..<30 {
      var part = DDSketch()
      // A few far apart, then many close by, in any order.
      let center = exp2(Double.random(in: 0...62, using: &random))
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        let value = center * Double.random(in: 1...(seed % 2 == 0 ? 1.5 : 1e6), using: &random)
        values.append(value)
        part.add(value)
        all.add(value)
      }
      merged.merge(part)
    }
    for sketch in [all, merged] {
      #expect(sketch.brokenInvariants == [], "seed \(seed)")
      let bins = Dictionary(sketch.usedBins.map { ($0.index, $0.count) }, uniquingKeysWith: +)
      #expect(bins == Self.expected(values), "seed \(seed)")
    }
    #expect((try? SketchReader(all.protobuf()).bins) == (try? SketchReader(merged.protobuf()).bins))
    var restored = DDSketch()
    restored.merge(compact: all.compact())
    #expect(restored.usedBins.map(\.index) == all.usedBins.map(\.index))
  }

  @Test func `does not grow where it must not, and then the nearest bin counts`() {
    var sketch = DDSketch()
    for value in [1e6, 1e9] { sketch.add(value) }
    let before = sketch.binBytes
    for value in [1, 2e6, 9e8, Self.year25] {
      guard case .coarsened = sketch.add(value, mayGrow: false) else {
        Issue.record("\(value) was counted as if it had a bin")
        continue
      }
    }
    #expect(sketch.binBytes == before && sketch.count == 6 && sketch.brokenInvariants == [])
    #expect(sketch.usedBins.map(\.count).sorted().last ?? 0 >= 2)
    var first = DDSketch()
    if case .coarsened = first.add(5, mayGrow: false) { Issue.record("the first value has a bin") }
  }
}
