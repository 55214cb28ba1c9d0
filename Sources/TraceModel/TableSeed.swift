/// What a table mixes into the hashes of its keys, so that nobody outside of this process can choose keys that meet in
/// one place, or that have the same hash. Such hashes never leave the process.
///
/// Both factors of each multiplication hold a part of the seed: with a known one, a key could make the product zero.
public struct TableSeed: Sendable {
  /// Slots that a table looks at for a new key before it takes another seed; among keys that nobody has chosen it comes to
  /// some dozens.
  public static let probesMax = 512

  @usableFromInline let start: UInt64
  @usableFromInline let factor: UInt64

  /// A seed of its own for a table, from the system's source of randomness.
  public static func random() -> TableSeed {
    TableSeed(start: .random(in: 0 ... .max), factor: .random(in: 0 ... .max))
  }

  /// A seed that is known, for tests.
  package init(start: UInt64, factor: UInt64) {
    self.start = start
    self.factor = factor | 1
  }

  /// The hash of a number; all of its bits are good for choosing a slot.
  @inline(__always) @inlinable public func hash(_ number: UInt64) -> UInt64 { Self.fold(number ^ start, factor) }

  /// The hash of a run of bytes. 16 bytes a step.
  /// - Parameter before: the hash of what stands in front of them and belongs to the same key; 0 for nothing.
  @inlinable public func hash(_ bytes: UnsafeRawBufferPointer, after before: UInt64 = 0) -> UInt64 {
    let count = bytes.count
    var hash = start ^ before
    var offset = 0
    while count &- offset >= 16 {
      hash = unsafe Self.fold(Self.word(bytes, offset) ^ hash, Self.word(bytes, offset &+ 8) ^ factor)
      offset &+= 16
    }
    let rest = count &- offset
    var (first, last): (UInt64, UInt64) = (0, 0)
    if rest >= 8 {
      unsafe (first, last) = (Self.word(bytes, offset), Self.word(bytes, count &- 8))
    } else if rest >= 4 {
      unsafe (first, last) = (Self.half(bytes, offset), Self.half(bytes, count &- 4))
    } else if rest > 0 {
      unsafe first = UInt64(bytes[offset]) | UInt64(bytes[offset &+ rest / 2]) << 8 | UInt64(bytes[count &- 1]) << 16
    }
    return Self.fold(Self.fold(first ^ hash, last ^ factor) ^ UInt64(truncatingIfNeeded: count), factor)
  }

  @inline(__always) @usableFromInline static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  @inline(__always) @usableFromInline static func half(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    unsafe UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Both halves of the product: each bit of it depends on all bits of both factors.
  @inline(__always) @usableFromInline static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let product = one.multipliedFullWidth(by: other)
    return product.high ^ product.low
  }
}
