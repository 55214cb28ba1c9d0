import Platform
import TraceModel

/// Sketches that clients made, with whatever gamma and in fractions.
extension DDSketch {
  /// No finite value falls into a bin further from that of 1.
  private static let largestIndex = 40_000.0

  /// What adding a client's sketch came to.
  struct Added {
    /// The largest value, in whole numbers; 0 when there is none above zero.
    var maxValue: Int64 = 0
    /// Values that count in the nearest bin, because the sketch was not to grow.
    var coarsened: UInt64 = 0
  }

  /// Adds the values of a sketch that was decoded with these statistics.
  package mutating func add(_ sketch: SketchRecord, of statistics: borrowing ClientStatistics) {
    _ = add(sketch, statistics.bins.pointer, mayGrow: true)
  }

  /// Adds the values of a client's sketch. Fractions of a count go to the next bin, so that their sum stays true.
  /// - Parameter mayGrow: whether there is memory for further bins; the first always has some.
  mutating func add(_ sketch: SketchRecord, _ all: UnsafeBufferPointer<SketchBin>, mayGrow: Bool) -> Added {
    let bins = UnsafeBufferPointer(rebasing: all[sketch.bins.range])
    if sketch.zeroCount > 0 {
      // What is left of fractional zeros is less than half a value.
      var left = sketch.zeroCount
      addZeros(UInt64(Self.takeWhole(&left)))
    }
    let scale = Scale(sketch)
    guard let used = scale.used(of: bins) else { return Added() }
    // What is further below would be merged anyway; so no bin has to move because of a later one.
    let lowest = max(used.lowest, used.highest - Self.binsMax + 1)
    if mayGrow { makeWindow(lowest...used.highest, values: used.values) }
    var added = Added(maxValue: Int64(nearest: Self.value(ofIndex: used.highest)))
    var left = 0.0
    // The question is asked once, and not for each bin.
    let inWindow =
      scale.isOurs
      ? addInWindow(bins, lowest, &left) { Scale.ownIndex(of: $0) }
      : addInWindow(bins, lowest, &left) { scale.otherIndex(of: $0) }
    for bin in UnsafeBufferPointer(rebasing: bins[inWindow...]) where bin.count > 0 {
      let whole = Self.takeWhole(with: bin.count, &left)
      guard whole > 0 else { continue }
      let growth = addBin(index: max(scale.index(of: bin.index), lowest), count: whole, mayGrow: mayGrow)
      if case .coarsened = growth { added.coarsened &+= UInt64(whole) }
    }
    return added
  }

  /// Adds bins up to the first that has no place in the window, and says how many those were.
  /// - Parameters:
  ///   - left: what is left of fractional counts.
  ///   - index: which bin of ours one is.
  @inline(__always) private mutating func addInWindow(
    _ bins: UnsafeBufferPointer<SketchBin>, _ lowest: Int, _ left: inout Double, _ index: (Int32) -> Int
  ) -> Int {
    changeWindow { window, first in
      var (total, number) = (0 as UInt64, 0)
      for bin in bins {
        if bin.count > 0 {
          let position = max(index(bin.index), lowest) &- first
          guard position >= 0, position < window.count else { break }
          let whole = Self.takeWhole(with: bin.count, &left)
          let (sum, overflow) = window[position].addingReportingOverflow(whole)
          window[position] = overflow ? .max : sum
          total &+= UInt64(whole)
        }
        number &+= 1
      }
      return (total, number)
    }
  }

  /// Puts a count to what has gathered, and takes the nearest whole number out of it.
  @inline(__always) private static func takeWhole(with count: Double, _ left: inout Double) -> UInt32 {
    // Nearly every client counts in whole numbers: then no bin waits for the one before.
    if left == 0, count < 0x1p31 {
      // A double of this size has no place for fractions, and the whole number in its lowest bits.
      let shifted = count + 0x1p52
      if shifted - 0x1p52 == count { return UInt32(truncatingIfNeeded: shifted.bitPattern) }
    }
    left += count
    return takeWhole(&left)
  }

  /// Takes the nearest whole number out of what has gathered; no more than a bin can count.
  private static func takeWhole(_ left: inout Double) -> UInt32 {
    guard left >= 0, left < 0x1p31 else { return takeLarge(&left) }
    let floor = UInt32(left)
    let whole = left - Double(floor) < 0.5 ? floor : floor &+ 1
    left -= Double(whole)
    return whole
  }

  @inline(never) private static func takeLarge(_ left: inout Double) -> UInt32 {
    let whole = left.rounded()
    guard whole > 0 else { return 0 }
    left -= whole
    return UInt32(nearest: whole)
  }

  /// From the bins of a client's sketch to ours.
  private struct Scale {
    let isOurs: Bool
    private let logGamma: Double
    private let offset: Double
    /// Of the value that stands for a bin, from its lower edge.
    private let middle: Double

    init(_ sketch: SketchRecord) {
      isOurs = abs(sketch.gamma - DDSketch.gamma) < 1e-12 && sketch.indexOffset == 0
      logGamma = isOurs ? 0 : log(max(sketch.gamma, 1))
      offset = sketch.indexOffset
      middle = isOurs ? 0 : log(2 / (1 + 1 / max(sketch.gamma, 1)))
    }

    /// The lowest and the highest bin of ours that the used ones come to, and how many values those count, of more than
    /// `binsMax` so many; `nil` where none is used.
    func used(of bins: UnsafeBufferPointer<SketchBin>) -> (lowest: Int, highest: Int, values: Int)? {
      var (low, high, values) = (Int32.max, Int32.min, 0.0)
      for bin in bins where bin.count > 0 {
        (low, high) = (min(low, bin.index), max(high, bin.index))
        values += bin.count
      }
      guard low <= high else { return nil }
      return (index(of: low), index(of: high), Int(min(values, Double(DDSketch.binsMax))))
    }

    @inline(__always) func index(of bin: Int32) -> Int {
      isOurs ? Self.ownIndex(of: bin) : otherIndex(of: bin)
    }

    @inline(__always) static func ownIndex(of bin: Int32) -> Int {
      let largest = Int(DDSketch.largestIndex)
      return min(max(Int(bin), -largest), largest)
    }

    @inline(never) func otherIndex(of bin: Int32) -> Int {
      let place = (((Double(bin) - offset) * logGamma + middle) / log(DDSketch.gamma)).rounded(.down)
      // A mapping without sense may come to what is no number.
      guard place > -DDSketch.largestIndex else { return Int(-DDSketch.largestIndex) }
      return Int(min(place, DDSketch.largestIndex))
    }
  }
}

extension FixedWidthInteger {
  /// The nearest whole number that fits; 0 for what is none.
  package init(nearest value: Double) {
    if value.isNaN { self = 0 } else { self = Self(exactly: value.rounded()) ?? (value < 0 ? .min : .max) }
  }
}
