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
    var (lowest, highest) = (Int.max, Int.min)
    for bin in bins where bin.count > 0 {
      let index = scale.index(of: bin)
      (lowest, highest) = (min(lowest, index), max(highest, index))
    }
    guard lowest <= highest else { return Added() }
    // What is further below would be merged anyway; so no bin has to move because of a later one.
    lowest = max(lowest, highest - Self.binsMax + 1)
    if mayGrow { makeWindow(lowest...highest) }
    var added = Added(maxValue: Int64(nearest: Self.value(ofIndex: highest)))
    var left = 0.0
    let inWindow = addInWindow(bins, scale, lowest, &left)
    for bin in UnsafeBufferPointer(rebasing: bins[inWindow...]) where bin.count > 0 {
      left += bin.count
      let whole = Self.takeWhole(&left)
      guard whole > 0 else { continue }
      let growth = addBin(index: max(scale.index(of: bin), lowest), count: whole, mayGrow: mayGrow)
      if case .coarsened = growth { added.coarsened &+= UInt64(whole) }
    }
    return added
  }

  /// Adds bins up to the first that has no place in the window, and says how many those were.
  /// - Parameter left: what is left of fractional counts.
  private mutating func addInWindow(
    _ bins: UnsafeBufferPointer<SketchBin>, _ scale: Scale, _ lowest: Int, _ left: inout Double
  ) -> Int {
    changeWindow { window, first in
      var (total, number) = (0 as UInt64, 0)
      for bin in bins {
        if bin.count > 0 {
          let position = max(scale.index(of: bin), lowest) &- first
          guard position >= 0, position < window.count else { break }
          left += bin.count
          let whole = Self.takeWhole(&left)
          let (sum, overflow) = window[position].addingReportingOverflow(whole)
          window[position] = overflow ? .max : sum
          total &+= UInt64(whole)
        }
        number &+= 1
      }
      return (total, number)
    }
  }

  /// Takes the nearest whole number out of what has gathered; no more than a bin can count.
  @inline(__always) private static func takeWhole(_ left: inout Double) -> UInt32 {
    // Nearly every client counts in whole numbers, and few values in a bin.
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
    private let isOurs: Bool
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

    @inline(__always) func index(of bin: SketchBin) -> Int {
      let largest = Int(DDSketch.largestIndex)
      return isOurs ? min(max(Int(bin.index), -largest), largest) : otherIndex(of: bin)
    }

    @inline(never) private func otherIndex(of bin: SketchBin) -> Int {
      let place = (((Double(bin.index) - offset) * logGamma + middle) / log(DDSketch.gamma)).rounded(.down)
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
