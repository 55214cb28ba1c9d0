/// A string of a span: where its bytes lie in the request body or in the batch's side arena.
///
/// A slice means something only together with the `SpanBatch` it came from. Eight bytes, no ownership.
public struct ByteSlice: BitwiseCopyable, Equatable, Sendable {
  /// Marks an offset into the side arena. Bodies and arenas are therefore limited to 2 GiB.
  @inlinable static var sideArenaBit: UInt32 { 0x8000_0000 }

  @usableFromInline let rawOffset: UInt32
  /// Number of bytes, not of characters; 0 for the empty string.
  public let length: UInt32

  /// Has no bytes, and stands for a text that was not sent.
  @inlinable public static var empty: Self { Self(bodyOffset: 0, length: 0) }

  @inlinable public init(bodyOffset: Int, length: Int) {
    rawOffset = UInt32(truncatingIfNeeded: bodyOffset) & ~Self.sideArenaBit
    self.length = UInt32(truncatingIfNeeded: length)
  }

  @inlinable public init(sideOffset: Int, length: Int) {
    rawOffset = UInt32(truncatingIfNeeded: sideOffset) | Self.sideArenaBit
    self.length = UInt32(truncatingIfNeeded: length)
  }

  /// Whether it has no bytes, as a missing text has.
  @inlinable public var isEmpty: Bool { length == 0 }
  /// Whether its bytes were written by roost, rather than sent by the client.
  @inlinable public var isInSideArena: Bool { rawOffset & Self.sideArenaBit != 0 }
  /// Offset within the body or the side arena.
  @inlinable public var offset: Int { Int(rawOffset & ~Self.sideArenaBit) }

  /// Whether another slice begins within this one. False where either is in the side arena.
  @inline(__always) @inlinable public func holdsBeginning(of other: ByteSlice) -> Bool {
    (rawOffset | other.rawOffset) & Self.sideArenaBit == 0 && other.rawOffset &- rawOffset < length
  }

  /// Tells slices of one batch apart by where they lie and how long they are.
  @inlinable public var identity: UInt64 { UInt64(rawOffset) << 32 | UInt64(length) }

  /// The first `count` bytes of this slice.
  @inlinable public func prefix(_ count: Int) -> ByteSlice {
    isInSideArena
      ? ByteSlice(sideOffset: offset, length: min(count, Int(length)))
      : ByteSlice(bodyOffset: offset, length: min(count, Int(length)))
  }
}

/// A run of elements in one of the batch's flat arrays.
public struct IndexRange: BitwiseCopyable, Equatable, Sendable {
  public var start: UInt32
  public var count: UInt32

  /// Covers nothing; the value of a field whose elements were not sent.
  @inlinable public static var empty: Self { Self(start: 0, count: 0) }

  @inlinable public init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  @inlinable public init(start: Int, end: Int) {
    self.start = UInt32(truncatingIfNeeded: start)
    count = UInt32(truncatingIfNeeded: end - start)
  }

  /// The indices, to loop over.
  @inlinable public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  /// Whether it has no elements.
  @inlinable public var isEmpty: Bool { count == 0 }
}
