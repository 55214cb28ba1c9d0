/// A block that grows: the chunks of many traces, taken apart so that they compress well.
///
/// Texts that repeat, numbers that are near to each other and ids that are random lie apart. `texts` holds frames:
///
///     sender: 0, then the `TracerPayload` without chunks, with its length
///     chunk:  number of spans + 1, bytes of its numbers, then with its length:
///             the `TraceChunk` without spans, with its length
///             for each span its parent (see `ParentPlace`) and the `Span` without what is in `numbers` and `ids`, with its
///             length
///
/// `numbers` holds for each span its start, as the distance from that of the parent, of the span before, or of `baseNs`;
/// its duration; and the id of a parent that is not in the chunk. `ids` holds span ids, eight bytes each.
struct BlockBuffer {
  var texts: [UInt8] = []
  var numbers: [UInt8] = []
  var ids: [UInt8] = []
  /// What the starts of chunks count from, ns since 1970.
  var baseNs: Int64 = 0

  /// Bytes that will be compressed together.
  var packedBytes: Int { texts.count + numbers.count }

  /// Forgets everything, and gives memory back after a huge block.
  mutating func removeAll() {
    texts.removeAll(keepingCapacity: texts.capacity <= 1 << 20)
    numbers.removeAll(keepingCapacity: numbers.capacity <= 1 << 18)
    ids.removeAll(keepingCapacity: ids.capacity <= 1 << 18)
  }

  /// Appends a frame with who sent the chunks behind it.
  mutating func append(sender: UnsafeRawBufferPointer) {
    texts.append(0)
    texts.append(varint: UInt64(sender.count))
    texts.append(contentsOf: sender)
  }
}

/// Where a span's parent is, as it is written in front of the span.
enum ParentPlace {
  /// The span is a root.
  static let none: UInt64 = 0
  /// Its id is among the numbers, because no span of the chunk has it.
  static let elsewhere: UInt64 = 1

  /// Another span of the chunk, so many places before it; fewer than none for one behind it.
  static func before(_ distance: Int) -> UInt64 {
    let distance = Int64(distance)
    return UInt64(bitPattern: distance &<< 1 ^ distance &>> 63) &+ 2
  }
}

/// What a chunk's row says of it.
struct PackedChunk {
  var startNs = Int64.max
  var endNs = Int64.min
  /// By how much it starts later than it came, where that is a second or more.
  var aheadNs: Int64 = 0
  var spans = 0
  var errors = 0
  var status: Int64 = 0
  /// Texts of the root, or of whatever else says it, as they lie in the message.
  var service = UnsafeRawBufferPointer(start: nil, count: 0)
  var resource = UnsafeRawBufferPointer(start: nil, count: 0)
  var operation = UnsafeRawBufferPointer(start: nil, count: 0)
  var env = UnsafeRawBufferPointer(start: nil, count: 0)

  /// Where it stands among others in time: its start, or when it came, where the clock of who sent it is ahead.
  var orderNs: Int64 { startNs &- aheadNs }

  /// Takes note of when it came; only the second of that is known.
  mutating func noteArrival(nowSeconds: Int64) {
    let (nowNs, isFar) = nowSeconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !isFar else { return }
    let (ahead, overflow) = startNs.subtractingReportingOverflow(nowNs)
    aheadNs = overflow || ahead <= 1_000_000_000 ? 0 : ahead
  }

  /// From the start of the first span to the end of the last.
  var durationNs: Int64 {
    let (duration, overflow) = endNs.subtractingReportingOverflow(startNs)
    return overflow ? .max : max(duration, 0)
  }
}
