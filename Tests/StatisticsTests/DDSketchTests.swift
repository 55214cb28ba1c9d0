import TestFixtures
import Testing

@testable import Statistics

@Suite struct DDSketchTests {
  private static func sketch(_ values: [Double]) -> DDSketch {
    var sketch = DDSketch()
    for value in values { sketch.add(value) }
    return sketch
  }

  /// Values spread over many orders of magnitude, as durations are.
  private static func values(_ count: Int, seed: UInt64, upTo exponent: ClosedRange<Double> = 3...11) -> [Double] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      var value = 1.0
      let power = Double.random(in: exponent, using: &random)
      for _ in 0..<Int(power) { value *= 10 }
      return value * Double.random(in: 1..<10, using: &random)
    }
  }

  @Test func `durations fall into the bins of the vectors`() throws {
    let cases = try Fixtures.vectors("ddsketch_computed")
    #expect(cases.count >= 15)
    for one in cases {
      let duration = try #require(one["duration_ns"] as? Int64)
      let truncated = DDSketch.truncated(durationNs: duration)
      #expect(truncated == one["truncated"] as? Double, "of \(duration)")
      let sketch = Self.sketch([truncated])
      guard let index = one["bin_index"] as? Int else {
        #expect(sketch.zeroCount == 1 && sketch.bins.isEmpty)
        continue
      }
      #expect(DDSketch.index(of: truncated) == index, "of \(duration)")
      #expect(try SketchReader(sketch.protobuf()).bins == [index: 1], "of \(duration)")
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `quantiles are within one percent`(seed: UInt64) {
    let values = Self.values(5_000, seed: seed).sorted()
    let sketch = Self.sketch(values.shuffled())
    for q in [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1] {
      let exact = values[Int(q * Double(values.count - 1))]
      #expect(abs(sketch.quantile(q) - exact) <= exact * 0.010_001, "seed \(seed), q \(q)")
    }
  }

  @Test func `quantiles of few values are those values`() {
    #expect(DDSketch().quantile(0.5) == 0)
    #expect(Self.sketch([0, 0, 0]).quantile(0.99) == 0)
    let mixed = Self.sketch([0, 0, 0, 1_000])
    #expect(mixed.quantile(0.5) == 0)
    #expect(abs(mixed.quantile(1) - 1_000) <= 10)
    #expect(mixed.quantile(-1) == 0 && mixed.quantile(2) == mixed.quantile(1))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `merging parts is the same as adding all`(seed: UInt64) throws {
    // Odd seeds span more bins than a sketch may have, so that merging also meets collapsed sketches.
    let values = Self.values(2_000, seed: seed, upTo: seed % 2 == 0 ? 0...10 : 0...60) + [0, 0]
    var random = SeededGenerator(seed: seed)
    var parts = [[Double]](repeating: [], count: 7)
    for value in values { parts[Int.random(in: 0..<7, using: &random)].append(value) }
    var merged = DDSketch()
    for part in parts { merged.merge(Self.sketch(part)) }
    let all = Self.sketch(values)
    #expect(merged.brokenInvariants == [] && all.brokenInvariants == [], "seed \(seed)")
    #expect(merged.count == all.count && merged.zeroCount == all.zeroCount)
    #expect(try SketchReader(merged.protobuf()).bins == SketchReader(all.protobuf()).bins, "seed \(seed)")
  }

  @Test(arguments: [true, false])
  func `beyond 2048 bins the lowest are merged and the highest stay exact`(ascending: Bool) throws {
    let exponents = Array(0..<60)
    let values = exponents.flatMap { exponent in
      (0..<50).map { _ in (0..<exponent).reduce(1.5) { value, _ in value * 10 } }
    }
    let sketch = Self.sketch(ascending ? values : values.reversed())
    #expect(sketch.brokenInvariants == [])
    #expect(sketch.count == 3_000 && sketch.bins.count <= DDSketch.binsMax)
    let seen = try SketchReader(sketch.protobuf()).bins
    #expect(seen.values.reduce(0, +) == 3_000)
    let top = DDSketch.index(of: values[values.count - 1])
    let lowest = try #require(seen.keys.min())
    #expect(lowest == top - DDSketch.binsMax + 1)
    for value in values where DDSketch.index(of: value) > lowest {
      #expect(seen[DDSketch.index(of: value)] == 50)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `the compact form holds the whole sketch`(seed: UInt64) throws {
    let sketch = Self.sketch(Self.values(Int(seed * 500), seed: seed) + [0, 0.25, 1e-9])
    var restored = DDSketch()
    restored.merge(compact: sketch.compact())
    #expect(restored.count == sketch.count && restored.zeroCount == 1)
    #expect(try SketchReader(restored.protobuf()).bins == SketchReader(sketch.protobuf()).bins)
    var twice = sketch
    twice.merge(compact: sketch.compact())
    #expect(twice.count == 2 * sketch.count && twice.bins == sketch.bins.map { $0 * 2 })
  }

  @Test func `the compact form of nothing and of half a pair adds nothing wrong`() {
    var sketch = DDSketch()
    sketch.merge(compact: DDSketch().compact())
    #expect(sketch.count == 0)
    sketch.merge(compact: [])
    sketch.merge(compact: [0, 0x80])
    #expect(sketch.count == 0)
  }

  @Test func `the message says its mapping, its bins and its zeros`() throws {
    let empty = try SketchReader(DDSketch().protobuf())
    #expect(abs(empty.gamma - 1.01 / 0.99) < 1e-12 && empty.bins.isEmpty && empty.zeroCount == 0)
    let some = try SketchReader(Self.sketch([0, 0, 1, 1_000, 1_000, 0.1]).protobuf())
    #expect(some.zeroCount == 2)
    #expect(some.bins == [0: 1, DDSketch.index(of: 1_000): 2, DDSketch.index(of: 0.1): 1])
    #expect(DDSketch.index(of: 0.1) < 0)
  }

  @Test func `the longest duration and the count limits are taken`() {
    let sketch = Self.sketch([DDSketch.truncated(durationNs: .max), DDSketch.truncated(durationNs: 1)])
    #expect(sketch.count == 2)
    #expect(abs(sketch.quantile(1) / 9.22e18 - 1) < 0.02)
    var doubled = Self.sketch([5])
    for _ in 0..<40 { doubled.merge(doubled) }
    #expect(doubled.count == 1 << 40 && doubled.brokenInvariants == [])
    #expect(doubled.bins.max() == UInt32.max)
  }
}
