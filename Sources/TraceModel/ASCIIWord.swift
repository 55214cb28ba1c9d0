/// Looks at eight bytes of a text at once, the top bit of each in a word saying what is true of it.
public enum ASCIIWord {
  @usableFromInline static var ones: UInt64 { 0x0101_0101_0101_0101 }
  @usableFromInline static var tops: UInt64 { 0x8080_8080_8080_8080 }

  /// Marks the bytes from `first` to `last`, which are ASCII, of a word whose bytes are.
  @inline(__always) @inlinable public static func marks(
    _ word: UInt64, from first: UInt8, through last: UInt8
  ) -> UInt64 {
    (word &+ UInt64(0x80 &- first) &* ones) & ~(word &+ UInt64(0x7F &- last) &* ones)
  }

  /// Marks the bytes that are `byte`, as `marks` of a range does.
  @inline(__always) @inlinable public static func marks(_ word: UInt64, of byte: UInt8) -> UInt64 {
    marks(word, from: byte, through: byte)
  }

  /// The same letters small, where the word has letters only.
  @inline(__always) @inlinable public static func lowercased(_ word: UInt64) -> UInt64 { word | 0x20 &* ones }

  /// Marks the bytes behind those that are marked; what stands behind the word's last byte is not in it.
  @inline(__always) @inlinable public static func next(_ marks: UInt64) -> UInt64 { (marks & tops) << 8 }

  /// Whether all bytes of a word are ASCII, and these marks mark each.
  @inline(__always) @inlinable public static func areMarked(_ word: UInt64, _ marks: UInt64) -> Bool {
    marks & ~word & tops == tops
  }

  /// Whether all bytes are ASCII and marked; false for fewer than eight. Every two bytes that stand side by side are
  /// lie in one word at least once.
  @inline(__always) @inlinable public static func all(
    _ text: UnsafeRawBufferPointer, _ marks: (UInt64) -> UInt64
  ) -> Bool {
    guard text.count >= 8 else { return false }
    let last = text.count &- 8
    var offset = 0
    while true {
      // The last eight, of which some may have been seen.
      let word = unsafe text.loadUnaligned(fromByteOffset: min(offset, last), as: UInt64.self).littleEndian
      guard areMarked(word, marks(word)) else { return false }
      if offset >= last { return true }
      offset &+= 7
    }
  }
}
