/// A trace's id of 128 bits. Its upper half is 0 for clients that make 64 bits, and where nobody said it.
package struct TraceID: Hashable, Comparable, Sendable {
  package var high: UInt64
  package var low: UInt64

  /// An id of its halves; `high` is 0 for an id of 64 bits.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  package static func < (a: TraceID, b: TraceID) -> Bool { (a.high, a.low) < (b.high, b.low) }

  /// 32 hexadecimal digits in small letters; 16 when the upper half is 0.
  package var hex: String { high == 0 ? TraceID.hex(low) : TraceID.hex(high) + TraceID.hex(low) }

  /// Sixteen hexadecimal digits, as span ids are written.
  package static func hex(_ id: UInt64) -> String {
    let digits = String(id, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether chunks with these ids may be of one trace: the lower halves are equal, and so are the upper ones where both
  /// are known. Clients without the upper half and with it meet in one trace.
  package func isSameTrace(as other: TraceID) -> Bool {
    low == other.low && (high == other.high || high == 0 || other.high == 0)
  }
}
