/// A string of a span: where its bytes lie in the request body or in the batch's side arena.
///
/// A slice means something only together with the `SpanBatch` it came from. Eight bytes, no ownership.
package struct ByteSlice: BitwiseCopyable, Equatable, Sendable {
  /// Marks an offset into the side arena. Bodies and arenas are therefore limited to 2 GiB.
  @usableFromInline static let sideArenaBit: UInt32 = 0x8000_0000

  @usableFromInline let rawOffset: UInt32
  /// Length in bytes.
  package let length: UInt32

  /// The empty string.
  package static let empty = ByteSlice(bodyOffset: 0, length: 0)

  @inlinable package init(bodyOffset: Int, length: Int) {
    rawOffset = UInt32(truncatingIfNeeded: bodyOffset) & ~Self.sideArenaBit
    self.length = UInt32(truncatingIfNeeded: length)
  }

  @inlinable package init(sideOffset: Int, length: Int) {
    rawOffset = UInt32(truncatingIfNeeded: sideOffset) | Self.sideArenaBit
    self.length = UInt32(truncatingIfNeeded: length)
  }

  @inlinable package var isEmpty: Bool { length == 0 }
  @inlinable package var isInSideArena: Bool { rawOffset & Self.sideArenaBit != 0 }
  /// Offset within the body or the side arena.
  @inlinable package var offset: Int { Int(rawOffset & ~Self.sideArenaBit) }

  /// The first `count` bytes of this slice.
  @inlinable package func prefix(_ count: Int) -> ByteSlice {
    isInSideArena
      ? ByteSlice(sideOffset: offset, length: min(count, Int(length)))
      : ByteSlice(bodyOffset: offset, length: min(count, Int(length)))
  }
}

/// A run of elements in one of the batch's flat arrays.
package struct IndexRange: BitwiseCopyable, Equatable, Sendable {
  package var start: UInt32
  package var count: UInt32

  package static let empty = IndexRange(start: 0, count: 0)

  @inlinable package init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  @inlinable package init(start: Int, end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    count = UInt32(truncatingIfNeeded: end - start)
  }

  @inlinable package var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  @inlinable package var isEmpty: Bool { count == 0 }
}
