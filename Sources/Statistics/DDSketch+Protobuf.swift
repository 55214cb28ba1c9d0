extension DDSketch {
  /// The sketch as the intake's protobuf message `DDSketch{mapping=1, positiveValues=2, negativeValues=3, zeroCount=4}`,
  /// with contiguous bin counts, and those that lie apart one by one. Always a complete message, also for an empty sketch.
  package func protobuf() -> [UInt8] {
    var message: [UInt8] = []
    let store = positiveValues()
    message.reserveCapacity(32 + store.count)
    // mapping { double gamma = 1 }; offset 0 and interpolation NONE are the defaults.
    message += [0x0A, 9, 0x09]
    Self.append(Self.gamma, to: &message)
    message.append(0x12)
    Self.appendVarint(UInt64(store.count), to: &message)
    message += store
    message += [0x1A, 0]
    if zeroCount > 0 {
      message.append(0x21)
      Self.append(Double(zeroCount), to: &message)
    }
    return message
  }

  /// `Store { map<sint32, double> binCounts = 1; packed double contiguousBinCounts = 2; sint32 contiguousBinIndexOffset = 3 }`.
  private func positiveValues() -> [UInt8] {
    let (first, window, apart) = parts
    var store: [UInt8] = []
    store.reserveCapacity(window.count * 8 + apart.count * 16 + 16)
    for bin in apart {
      var key: [UInt8] = []
      Self.appendSigned(bin.index, to: &key)
      store += [0x0A, UInt8(key.count + 10), 0x08]
      store += key
      store.append(0x11)
      Self.append(Double(bin.count), to: &store)
    }
    guard !window.isEmpty else { return store }
    store.append(0x12)
    Self.appendVarint(UInt64(window.count * 8), to: &store)
    for count in window { Self.append(Double(count), to: &store) }
    store.append(0x18)
    Self.appendSigned(first, to: &store)
    return store
  }

  private static func appendSigned(_ value: Int, to bytes: inout [UInt8]) {
    appendVarint(UInt64(bitPattern: Int64(value << 1 ^ value >> 63)), to: &bytes)
  }

  private static func append(_ value: Double, to message: inout [UInt8]) {
    var bits = value.bitPattern
    for _ in 0..<8 {
      message.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
    }
  }
}
