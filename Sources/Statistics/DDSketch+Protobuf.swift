extension DDSketch {
  /// The sketch as the intake's protobuf message `DDSketch{mapping=1, positiveValues=2, negativeValues=3, zeroCount=4}`,
  /// with contiguous bin counts. Always a complete message, also for an empty sketch.
  package func protobuf() -> [UInt8] {
    var message: [UInt8] = []
    let first = bins.firstIndex { $0 > 0 } ?? 0
    let last = bins.lastIndex { $0 > 0 } ?? -1
    message.reserveCapacity(32 + 8 * max(0, last - first + 1))
    // mapping { double gamma = 1 }; offset 0 and interpolation NONE are the defaults.
    message += [0x0A, 9, 0x09]
    Self.append(Self.gamma, to: &message)
    appendPositiveValues(first...max(first, last), isEmpty: last < first, to: &message)
    message += [0x1A, 0]
    if zeroCount > 0 {
      message.append(0x21)
      Self.append(Double(zeroCount), to: &message)
    }
    return message
  }

  /// `Store { packed double contiguousBinCounts = 2; sint32 contiguousBinIndexOffset = 3 }`.
  private func appendPositiveValues(_ used: ClosedRange<Int>, isEmpty: Bool, to message: inout [UInt8]) {
    message.append(0x12)
    if isEmpty {
      message.append(0)
      return
    }
    let countsBytes = used.count * 8
    var offset: [UInt8] = [0x18]
    let index = firstIndex + used.lowerBound
    Self.appendVarint(UInt64(bitPattern: Int64(index << 1 ^ index >> 63)), to: &offset)
    var header: [UInt8] = [0x12]
    Self.appendVarint(UInt64(countsBytes), to: &header)
    Self.appendVarint(UInt64(header.count + countsBytes + offset.count), to: &message)
    message += header
    for position in used { Self.append(Double(bins[position]), to: &message) }
    message += offset
  }

  private static func append(_ value: Double, to message: inout [UInt8]) {
    var bits = value.bitPattern
    for _ in 0..<8 {
      message.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
    }
  }
}
