/// Trace chunks that one receiving thread hands to the store together.
///
/// `bytes` holds messages of the intake's protobuf, one after another: for each payload its sender, a `TracerPayload`
/// without chunks, and behind it each of its chunks, a `TraceChunk` as the intake would get it.
package struct TraceBlock: Sendable {
  package var bytes: [UInt8]
  package var chunks: [Chunk]

  /// A block of those messages.
  package init(bytes: [UInt8] = [], chunks: [Chunk] = []) {
    self.bytes = bytes
    self.chunks = chunks
  }

  /// What the receiving thread knows of a chunk; everything else is in its message.
  package struct Chunk: Sendable {
    package var traceIDHigh: UInt64 = 0
    package var traceIDLow: UInt64 = 0
    /// Start of its first span, ns since 1970.
    package var startNs: Int64 = 0
    /// End of its last span, ns since 1970.
    package var endNs: Int64 = 0
    package var spanCount: Int32 = 0
    package var errorCount: Int32 = 0
    /// Which of its spans is the root, from 0.
    package var root: Int32 = 0
    /// As the tracer gave it; -128 for none.
    package var priority: Int32 = 0
    /// Which sampling decision it was: the number of `SamplingVerdict`.
    package var verdict: Int32 = 0
    /// The `TraceChunk` in `bytes`, without tag and length.
    package var message: Slice = Slice()
    /// The `TracerPayload` without chunks in `bytes`, without tag and length.
    package var sender: Slice = Slice()

    package init() {}
  }

  /// Where a message lies in `bytes`.
  package struct Slice: Sendable {
    package var offset: Int32
    package var length: Int32

    /// The part that begins at `offset`.
    package init(offset: Int32 = 0, length: Int32 = 0) {
      self.offset = offset
      self.length = length
    }
  }
}

extension TraceBlock {
  /// Where a part lies; `nil` when that is not in `bytes`.
  func part(_ slice: Slice) -> Range<Int>? {
    let (offset, length) = (Int(slice.offset), Int(slice.length))
    guard offset >= 0, length >= 0, offset + length <= bytes.count else { return nil }
    return offset..<(offset + length)
  }
}
