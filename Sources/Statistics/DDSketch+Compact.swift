extension DDSketch {
  /// The sketch in few bytes, for memory that holds thousands: zeros, then pairs of bin step and count, as varints.
  package func compact() -> [UInt8] {
    var bytes: [UInt8] = []
    Self.appendVarint(zeroCount, to: &bytes)
    var previous = 0
    for (index, count) in usedBins {
      let step = index - previous
      Self.appendVarint(UInt64(bitPattern: Int64(step << 1 ^ step >> 63)), to: &bytes)
      Self.appendVarint(UInt64(count), to: &bytes)
      previous = index
    }
    return bytes
  }

  /// The same values in at most `binsMax` bins: of neighbours, the highest that is used holds all.
  func coarse(binsMax: Int) -> DDSketch {
    let used = usedBins
    guard used.count > binsMax else { return self }
    var sketch = DDSketch()
    sketch.addZeros(zeroCount)
    let width = (used.count + binsMax - 1) / binsMax
    for (place, bin) in used.enumerated() {
      sketch.addBin(index: used[min(used.count, (place / width + 1) * width) - 1].index, count: bin.count)
    }
    return sketch
  }

  /// No finite value falls into a bin further from that of 1.
  private static let largestIndex = 40_000

  /// Adds what `compact` wrote. A file may hold other bytes: a cut-off pair ends the reading, and so does a bin that no
  /// value falls into.
  package mutating func merge(compact bytes: [UInt8]) {
    var offset = 0
    addZeros(Self.readVarint(bytes, &offset))
    var index = 0
    while offset < bytes.count {
      let step = Self.readVarint(bytes, &offset)
      index &+= Int(truncatingIfNeeded: step >> 1) ^ -Int(step & 1)
      guard (-Self.largestIndex...Self.largestIndex).contains(index) else { return }
      addBin(index: index, count: UInt32(clamping: Self.readVarint(bytes, &offset)))
    }
  }

  static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func readVarint(_ bytes: [UInt8], _ offset: inout Int) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < bytes.count, shift < 64 {
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return value
  }
}
