import Platform

/// The DDSketch that the Datadog intake takes: quantiles of non-negative values within 1 % of the value.
///
/// A value falls into bin `floor(ln value / ln gamma)`. Bins are dense; when they would span more than `binsMax`, the
/// lowest are merged, so that the high quantiles, which people ask for, stay exact.
package struct DDSketch: Sendable, Equatable {
  /// Largest relative error of a quantile.
  package static let relativeAccuracy = 0.01
  package static let gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy)
  /// Bins kept at most; the intake's sketches have the same limit.
  package static let binsMax = 2048
  /// Bins are added in steps of this many, so that a sketch rarely grows.
  private static let growthStep = 16

  private static let logMultiplier = 1 / log(gamma)

  /// Values of zero and less; no bin holds them.
  package private(set) var zeroCount: UInt64 = 0
  /// Values in all, zeros among them.
  package private(set) var count: UInt64 = 0
  /// Index of the first bin.
  package private(set) var firstIndex = 0
  /// Counts of consecutive bins; a count stops at `UInt32.max`.
  package private(set) var bins: [UInt32] = []

  package init() {}

  /// The bin of a value above zero.
  @inline(__always)
  package static func index(of value: Double) -> Int {
    Int((log(value) * logMultiplier).rounded(.down))
  }

  /// The value that stands for a bin: within `relativeAccuracy` of all values in it.
  package static func value(ofIndex index: Int) -> Double {
    exp(Double(index) / logMultiplier) * (1 + relativeAccuracy)
  }

  /// A duration as the Datadog agent hands it to its sketches: its mantissa cut to nine explicit bits.
  @inline(__always)
  package static func truncated(durationNs: Int64) -> Double {
    Double(bitPattern: Double(durationNs).bitPattern & 0xFFFF_F800_0000_0000)
  }

  /// Counts a finite value; zero and less count as zero.
  @inline(__always)
  package mutating func add(_ value: Double) {
    count &+= 1
    guard value > 0 else {
      zeroCount &+= 1
      return
    }
    add(1, atIndex: Self.index(of: value))
  }

  /// Adds what another sketch has counted.
  package mutating func merge(_ other: DDSketch) {
    count &+= other.count
    zeroCount &+= other.zeroCount
    for (position, binCount) in other.bins.enumerated() where binCount > 0 {
      add(binCount, atIndex: other.firstIndex + position)
    }
  }

  /// Restores what was counted elsewhere.
  mutating func addBin(index: Int, count binCount: UInt32) {
    count &+= UInt64(binCount)
    add(binCount, atIndex: index)
  }

  mutating func addZeros(_ zeros: UInt64) {
    count &+= zeros
    zeroCount &+= zeros
  }

  @inline(__always)
  private mutating func add(_ amount: UInt32, atIndex index: Int) {
    var position = index - firstIndex
    if position < 0 || position >= bins.count { position = extend(index) }
    let (sum, overflow) = bins[position].addingReportingOverflow(amount)
    bins[position] = overflow ? .max : sum
  }

  /// Extends the bins to hold `index`, merging the lowest where needed; returns its position.
  private mutating func extend(_ index: Int) -> Int {
    let step = Self.growthStep
    if bins.isEmpty {
      firstIndex = index - step / 2
      bins = [UInt32](repeating: 0, count: step)
      return index - firstIndex
    }
    if index >= firstIndex {
      let wanted = min(index - firstIndex + 1 + step, max(Self.binsMax, index - firstIndex + 1))
      bins.append(contentsOf: repeatElement(0, count: wanted - bins.count))
      if bins.count > Self.binsMax { collapseLowest(bins.count - Self.binsMax) }
      return index - firstIndex
    }
    let addable = Self.binsMax - bins.count
    let missing = firstIndex - index
    if missing > addable { trimHighZeros() }
    let extra = min(missing + step, max(Self.binsMax - bins.count, 0))
    bins.insert(contentsOf: repeatElement(0, count: extra), at: 0)
    firstIndex -= extra
    // Below the lowest bin that may exist: counted there.
    return max(index - firstIndex, 0)
  }

  private mutating func trimHighZeros() {
    while bins.count > 1, bins[bins.count - 1] == 0 { bins.removeLast() }
  }

  private mutating func collapseLowest(_ excess: Int) {
    var merged: UInt64 = 0
    for position in 0...excess { merged += UInt64(bins[position]) }
    bins.removeFirst(excess)
    firstIndex += excess
    bins[0] = UInt32(clamping: merged)
  }
}
