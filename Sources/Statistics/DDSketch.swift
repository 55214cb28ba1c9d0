import Platform

/// The DDSketch that the Datadog intake takes: quantiles of non-negative values within 1 % of the value.
///
/// A value falls into bin `floor(ln value / ln gamma)`. Most bins lie in a window, where each has a place. A window is
/// never much longer than the sketch has values; what falls outside of it stays apart, as pairs of bin and count, until
/// there are enough values for a window that holds it. So memory follows the values that came and not their spread.
/// When all would span more than `binsMax` bins, the lowest are merged, so that the high quantiles, which people ask for,
/// stay exact.
package struct DDSketch: Sendable, Equatable {
  /// Largest relative error of a quantile.
  package static let relativeAccuracy = 0.01
  package static let gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy)
  /// Bins from the lowest to the highest at most; the intake's sketches have the same limit.
  package static let binsMax = 2048
  /// A window begins with so many bins, and grows by as many at least, or by half.
  private static let growthStep = 16
  /// A window may have so many bins whatever has come, and so many for each value that has.
  static let windowMin = 192
  static let windowPerValue = 16

  private static let logMultiplier = 1 / log(gamma)

  /// Values of zero and less; no bin holds them.
  package private(set) var zeroCount: UInt64 = 0
  /// Values in all, zeros among them.
  package private(set) var count: UInt64 = 0
  private var first: Int32 = 0
  private var window: Int32 = 0
  /// Counts of the window's bins, then pairs of what lies apart: the bin, as the bits of an `Int32`, and its count, in the
  /// order of the bins. A count stops at `UInt32.max`.
  private var storage: [UInt32] = []

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

  /// Index of the window's first bin.
  package var firstIndex: Int { Int(first) }

  /// Counts of the window's bins.
  package var bins: [UInt32] { Array(storage[..<Int(window)]) }

  /// Bytes of memory that the bins take.
  package var binBytes: Int { storage.capacity &* 4 }

  /// What a value did to the memory of a sketch.
  package enum Growth {
    /// Its bin had a place.
    case none
    /// The bins take so many bytes more, or fewer.
    case bytes(Int)
    /// The sketch was not to grow: the value counts in the nearest bin that has a place.
    case coarsened
  }

  /// Counts a finite value; zero and less count as zero.
  /// - Parameter mayGrow: whether there is memory for another bin; the first always has some.
  @inline(__always) @discardableResult
  package mutating func add(_ value: Double, mayGrow: Bool = true) -> Growth {
    count &+= 1
    guard value > 0 else {
      zeroCount &+= 1
      return .none
    }
    let index = Self.index(of: value)
    if addInWindow(1, index) { return .none }
    return addOutside(1, index, mayGrow: mayGrow)
  }

  /// Adds what another sketch has counted.
  package mutating func merge(_ other: DDSketch) {
    if count == 0 {
      self = other
      return
    }
    count &+= other.count
    zeroCount &+= other.zeroCount
    for bin in other.usedBins { add(bin.count, atIndex: bin.index) }
  }

  /// Restores what was counted elsewhere.
  @discardableResult
  mutating func addBin(index: Int, count binCount: UInt32, mayGrow: Bool = true) -> Growth {
    count &+= UInt64(binCount)
    return addInWindow(binCount, index) ? .none : addOutside(binCount, index, mayGrow: mayGrow)
  }

  /// Has `change` count in the bins of the window; it is given the index of the first of them, and says how many values it
  /// counted, and how many bins it came to.
  @inline(__always) mutating func changeWindow(
    _ change: (_ window: UnsafeMutableBufferPointer<UInt32>, _ first: Int) -> (values: UInt64, bins: Int)
  ) -> Int {
    let (first, length) = (Int(self.first), Int(window))
    guard length > 0 else { return 0 }
    let done = storage.withUnsafeMutableBufferPointer { change(.init(rebasing: $0[..<length]), first) }
    count &+= done.values
    return done.bins
  }

  mutating func addZeros(_ zeros: UInt64) {
    count &+= zeros
    zeroCount &+= zeros
  }

  /// The bins that values have fallen into, lowest first.
  package var usedBins: [(index: Int, count: UInt32)] { withinLimit.allBins }

  /// The sketch with no more than `binsMax` bins from the lowest to the highest: the window's highest bins have places
  /// before they are used, so that what lies below is merged only now.
  private var withinLimit: DDSketch {
    guard !storage.isEmpty, highestIndex - Self.binsMax + 1 > lowestIndex else { return self }
    var sketch = self
    sketch.collapse(below: highestIndex - Self.binsMax + 1)
    return sketch
  }

  private var allBins: [(index: Int, count: UInt32)] {
    var used: [(index: Int, count: UInt32)] = []
    var pair = Int(window)
    func appendPairs(below limit: Int) {
      while pair < storage.count, pairIndex(pair) < limit {
        used.append((pairIndex(pair), storage[pair + 1]))
        pair += 2
      }
    }
    appendPairs(below: firstIndex)
    for position in 0..<Int(window) where storage[position] > 0 {
      used.append((firstIndex + position, storage[position]))
    }
    appendPairs(below: .max)
    return used
  }

  /// The bins of the window that are used, without empty ones at its ends, and those that lie apart.
  var parts: (first: Int, window: ArraySlice<UInt32>, apart: [(index: Int, count: UInt32)]) { withinLimit.allParts }

  private var allParts: (first: Int, window: ArraySlice<UInt32>, apart: [(index: Int, count: UInt32)]) {
    let bins = storage[..<Int(window)]
    let low = bins.firstIndex { $0 > 0 } ?? 0
    let high = bins.lastIndex { $0 > 0 } ?? -1
    let apart = stride(from: Int(window), to: storage.count, by: 2).map { (pairIndex($0), storage[$0 + 1]) }
    return (firstIndex + low, high < low ? [] : bins[low...high], apart)
  }
}

/// Where bins have their places.
extension DDSketch {
  /// Gives all bins of a range their places at once, if the sketch is empty and a window of that length is allowed for so
  /// many values.
  mutating func makeWindow(_ range: ClosedRange<Int>, values: Int) {
    guard storage.isEmpty, range.upperBound - range.lowerBound < Self.windowMax(values: values) else { return }
    first = Int32(clamping: range.lowerBound)
    window = Int32(clamping: range.count)
    storage = [UInt32](repeating: 0, count: range.count)
  }

  /// Bins that the window of a sketch with so many values has at most.
  private static func windowMax(values: Int) -> Int {
    min(max(windowMin, min(values, binsMax) * windowPerValue), binsMax)
  }

  private mutating func add(_ amount: UInt32, atIndex index: Int) {
    if !addInWindow(amount, index) { _ = addOutside(amount, index, mayGrow: true) }
  }

  @inline(__always)
  private mutating func addInWindow(_ amount: UInt32, _ index: Int) -> Bool {
    let position = index &- Int(first)
    guard position >= 0, position < Int(window) else { return false }
    let (sum, overflow) = storage[position].addingReportingOverflow(amount)
    storage[position] = overflow ? .max : sum
    return true
  }

  /// Counts in a bin outside of the window, which may grow for it.
  private mutating func addOutside(_ amount: UInt32, _ wanted: Int, mayGrow: Bool) -> Growth {
    let before = binBytes
    if storage.isEmpty {
      first = Int32(clamping: wanted - Self.growthStep / 2)
      window = Int32(Self.growthStep)
      storage = [UInt32](repeating: 0, count: Self.growthStep)
      _ = addInWindow(amount, wanted)
      return .bytes(binBytes - before)
    }
    let highest = max(highestIndex, wanted)
    let bottom = highest - Self.binsMax + 1
    if mayGrow, lowestIndex < bottom { collapse(below: bottom) }
    let index = max(wanted, bottom)
    // What is raised to the bottom may be in the window, and so may the bottom after a collapse.
    if addInWindow(amount, index) { return binBytes == before ? .none : .bytes(binBytes - before) }
    let place = pairPlace(of: index)
    let isKnown = place < storage.count && pairIndex(place) == index
    if mayGrow, extendWindow(to: index, bottom: bottom) {
      _ = addInWindow(amount, index)
    } else if isKnown {
      let (sum, overflow) = storage[place + 1].addingReportingOverflow(amount)
      storage[place + 1] = overflow ? .max : sum
    } else if mayGrow {
      insertPair(index, amount, at: place)
    } else {
      addToNearest(amount, index, place: place)
      return .coarsened
    }
    return binBytes == before ? .none : .bytes(binBytes - before)
  }

  /// Makes the window hold a bin too, with what lies apart between; false where that would be a long window for few
  /// values.
  ///
  /// - Parameter bottom: no bin below it is used, and all above `bottom + binsMax` are empty.
  private mutating func extendWindow(to index: Int, bottom: Int) -> Bool {
    let end = max(index + 1, firstIndex + Int(window))
    let needed = end - min(index, firstIndex)
    let allowed = Self.windowMax(values: Int(min(count, UInt64(Self.binsMax))))
    // Those below the bottom are no longer used.
    guard min(needed, end - max(min(index, firstIndex), bottom)) <= allowed else { return false }
    let more = min(max(Self.growthStep, Int(window) / 2), max(allowed - needed, 0))
    let low = max(index < firstIndex ? index - more : firstIndex, bottom)
    let length = min((index < firstIndex ? end : end + more) - low, Self.binsMax)
    var grown = [UInt32](repeating: 0, count: length)
    var apart: [UInt32] = []
    for position in 0..<Int(window) where storage[position] > 0 {
      grown[firstIndex + position - low] = storage[position]
    }
    for pair in stride(from: Int(window), to: storage.count, by: 2) {
      let position = pairIndex(pair) - low
      if position >= 0, position < length {
        grown[position] = storage[pair + 1]
      } else {
        apart += storage[pair...pair + 1]
      }
    }
    first = Int32(clamping: low)
    window = Int32(clamping: length)
    storage = apart.isEmpty ? grown : grown + apart
    return true
  }

  /// Merges all bins below a limit into the one there.
  private mutating func collapse(below limit: Int) {
    if raiseWindow(to: limit) { return }
    let used = allBins
    let low = used.reduce(0 as UInt64) { $1.index < limit ? $0 + UInt64($1.count) : $0 }
    (first, window, storage) = (0, 0, [])
    // From the highest, so that no window begins below the limit.
    for bin in used.reversed() where bin.index >= limit { add(bin.count, atIndex: bin.index) }
    if low > 0 { add(UInt32(clamping: low), atIndex: limit) }
  }

  /// The same where all bins lie in the window, and some stay: it moves up as it is, so that values of which each is a
  /// little larger than all before do not cost the making of all bins each.
  private mutating func raiseWindow(to limit: Int) -> Bool {
    let merged = limit - firstIndex
    guard storage.count == Int(window), merged > 0, merged < Int(window) else { return false }
    let low = storage[..<merged].reduce(0 as UInt64) { $0 &+ UInt64($1) }
    storage.removeFirst(merged)
    storage.append(contentsOf: repeatElement(0, count: merged))
    storage[0] = UInt32(clamping: UInt64(storage[0]) &+ low)
    first = Int32(clamping: limit)
    return true
  }

  private mutating func addToNearest(_ amount: UInt32, _ index: Int, place: Int) {
    var (nearest, distance) = (index < firstIndex ? 0 : Int(window) - 1, Int.max)
    distance = abs(firstIndex + nearest - index)
    for pair in [place - 2, place] where pair >= Int(window) && pair < storage.count {
      if abs(pairIndex(pair) - index) < distance { (nearest, distance) = (pair + 1, abs(pairIndex(pair) - index)) }
    }
    let (sum, overflow) = storage[nearest].addingReportingOverflow(amount)
    storage[nearest] = overflow ? .max : sum
  }

  private mutating func insertPair(_ index: Int, _ amount: UInt32, at place: Int) {
    let old = storage.count
    storage.append(0)
    storage.append(0)
    storage.withUnsafeMutableBufferPointer { bins in
      var from = old
      while from > place {
        from -= 1
        bins[from + 2] = bins[from]
      }
      bins[place] = UInt32(bitPattern: Int32(clamping: index))
      bins[place + 1] = amount
    }
  }

  private func pairIndex(_ pair: Int) -> Int { Int(Int32(bitPattern: storage[pair])) }

  /// The pair of a bin that lies apart, or the place for it.
  private func pairPlace(of index: Int) -> Int {
    var (low, high) = (0, (storage.count - Int(window)) / 2)
    while low < high {
      let middle = (low + high) / 2
      if pairIndex(Int(window) + 2 * middle) < index { low = middle + 1 } else { high = middle }
    }
    return Int(window) + 2 * low
  }

  private var highestIndex: Int {
    var highest = storage.count > Int(window) ? pairIndex(storage.count - 2) : Int(Int32.min)
    guard highest < firstIndex + Int(window) else { return highest }
    if let position = storage[..<Int(window)].lastIndex(where: { $0 > 0 }) { highest = firstIndex + position }
    return highest
  }

  private var lowestIndex: Int {
    var lowest = storage.count > Int(window) ? pairIndex(Int(window)) : Int.max
    guard lowest > firstIndex else { return lowest }
    if let position = storage[..<Int(window)].firstIndex(where: { $0 > 0 }) { lowest = firstIndex + position }
    return lowest
  }
}
