import Foundation
import Testing
import TraceModel

@testable import Statistics

/// Sketches that clients made, added to one of ours.
@Suite struct ClientSketchTests {
  /// A sketch of a client: bins by index, with gamma and the offset of its indexes.
  private static func added(
    _ bins: [(index: Int32, count: Double)], gamma: Double = DDSketch.gamma, offset: Double = 0, zeros: Double = 0,
    to sketch: inout DDSketch, mayGrow: Bool = true
  ) -> DDSketch.Added {
    var record = SketchRecord()
    (record.gamma, record.indexOffset, record.zeroCount) = (gamma, offset, zeros)
    record.bins = IndexRange(start: 0, end: bins.count)
    return bins.map { SketchBin(index: $0.index, count: $0.count) }.withUnsafeBufferPointer {
      sketch.add(record, $0, mayGrow: mayGrow)
    }
  }

  @Test func `bins of the same mapping are taken as they are`() {
    var sketch = DDSketch()
    let added = Self.added([(900, 2), (-5, 1), (901, 4)], zeros: 3, to: &sketch)
    #expect(sketch.usedBins.map(\.index) == [-5, 900, 901] && sketch.usedBins.map(\.count) == [1, 2, 4])
    #expect(sketch.zeroCount == 3 && sketch.count == 10 && sketch.brokenInvariants == [])
    let largest = DDSketch.value(ofIndex: 901)
    #expect(abs(Double(added.maxValue) - largest) <= largest * 0.01 && added.coarsened == 0)
  }

  @Test(arguments: [1.000_1, 1.01, 1.0156, 1.5, 3.0])
  func `bins of another mapping go to where their values belong`(gamma: Double) throws {
    var sketch = DDSketch()
    // The bin of 5 ms in that mapping, whose indexes are moved by 7.
    let value = 5_000_000.0
    let index = Int32((Foundation.log(value) / Foundation.log(gamma) + 7).rounded(.down))
    _ = Self.added([(index, 10)], gamma: gamma, offset: 7, to: &sketch)
    let bin = try #require(sketch.usedBins.first)
    let error = max(DDSketch.relativeAccuracy, (gamma - 1) / (gamma + 1)) + 0.011
    #expect(abs(DDSketch.value(ofIndex: bin.index) - value) <= value * error)
    #expect(sketch.usedBins.count == 1 && sketch.count == 10)
  }

  @Test func `fractions of counts come to their sum`() {
    var sketch = DDSketch()
    _ = Self.added((0..<100).map { (Int32($0), 0.3) }, to: &sketch)
    #expect(sketch.count == 30 && sketch.usedBins.allSatisfy { $0.count == 1 })
    _ = Self.added([(5, 0.4)], zeros: 0.4, to: &sketch)
    #expect(sketch.count == 30 && sketch.zeroCount == 0)
  }

  @Test func `a wide sketch has its bins at once where its values are many, and none between where they are few`() {
    var (many, full, halves, few) = (DDSketch(), DDSketch(), DDSketch(), DDSketch())
    _ = Self.added((0..<256).map { (Int32($0), 1) }, to: &many)
    #expect(many.firstIndex == 0 && many.bins == [UInt32](repeating: 1, count: 256))
    // Values are counted, and not the bins that they are in.
    _ = Self.added([(0, 1_000), (400, 1_000)], to: &full)
    #expect(full.bins.count == 401 && full.usedBins.map(\.count) == [1_000, 1_000])
    _ = Self.added((0..<256).map { (Int32($0), 0.5) }, to: &halves)
    #expect(halves.bins.count == 256 && halves.count == 128)
    _ = Self.added([(0, 1), (255, 0.5), (255, 0.5)], to: &few)
    #expect(few.bins.count < 100 && few.usedBins.map(\.index) == [0, 255])
    #expect([many, full, halves, few].allSatisfy { $0.brokenInvariants == [] })
  }

  @Test func `no more bins are kept than in sketches of our own`() {
    var sketch = DDSketch()
    _ = Self.added((0..<20_000).map { (Int32($0), 1) }, to: &sketch)
    #expect(sketch.usedBins.count == DDSketch.binsMax && sketch.count == 20_000)
    #expect(sketch.usedBins.last?.index == 19_999 && sketch.brokenInvariants == [])
  }

  /// Each is above all that came before, so that one more bin is merged each time: work that a hostile client can ask for.
  @Test(.timeLimit(.minutes(1))) func `sketches that rise bin by bin cost little each`() {
    var sketch = DDSketch()
    for index in 0..<30_000 { _ = Self.added([(Int32(index), 1)], to: &sketch) }
    #expect(sketch.count == 30_000 && sketch.brokenInvariants == [])
    let bins = sketch.usedBins
    #expect(bins.map(\.index) == Array(30_000 - DDSketch.binsMax..<30_000))
    #expect(bins.first?.count == 30_001 - UInt32(DDSketch.binsMax) && bins.dropFirst().allSatisfy { $0.count == 1 })
  }

  @Test func `a sketch that is not to grow counts in bins that it has`() {
    var sketch = DDSketch()
    sketch.add(1_000)
    let bytes = sketch.binBytes
    let added = Self.added((0..<2_000).map { (Int32($0), 2) }, to: &sketch, mayGrow: false)
    #expect(sketch.binBytes == bytes && sketch.count == 4_001 && added.coarsened > 3_900)
  }

  @Test(
    arguments: [
      (Int32.max, 1e308, 1.7e308, 0.0), (.min, 1e308, 1.7e308, 1e308), (.max, 2, 1 + 1e-16, -1e308),
      (0, 1e300, 1.02, 0),
      (.min, 1, 1e300, -1e308), (.max, 1, DDSketch.gamma, 0), (.min, .greatestFiniteMagnitude, DDSketch.gamma, 0),
    ] as [(Int32, Double, Double, Double)])
  func `numbers without sense stop nothing`(index: Int32, count: Double, gamma: Double, offset: Double) {
    var sketch = DDSketch()
    _ = Self.added([(index, count), (0, count)], gamma: gamma, offset: offset, zeros: count, to: &sketch)
    #expect(sketch.brokenInvariants == [])
  }
}
