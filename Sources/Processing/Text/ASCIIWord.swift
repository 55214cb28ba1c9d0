/// Looks at eight bytes of a text at once, the top bit of each in a word saying what is true of it.
enum ASCIIWord {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let tops: UInt64 = 0x8080_8080_8080_8080

  /// Marks the bytes from `first` to `last`, which are ASCII, of a word whose bytes are.
  @inline(__always) static func marks(_ word: UInt64, from first: UInt8, through last: UInt8) -> UInt64 {
    (word &+ UInt64(0x80 &- first) &* ones) & ~(word &+ UInt64(0x7F &- last) &* ones)
  }

  /// The same letters small, where the word has letters only.
  @inline(__always) static func lowercased(_ word: UInt64) -> UInt64 { word | 0x20 &* ones }

  /// Whether all bytes are ASCII and marked; false for fewer than eight.
  @inline(__always) static func all(_ text: UnsafeRawBufferPointer, _ marks: (UInt64) -> UInt64) -> Bool {
    guard text.count >= 8 else { return false }
    var offset = 0
    while offset < text.count {
      // The last eight, of which some may have been seen.
      let word = text.loadUnaligned(fromByteOffset: min(offset, text.count &- 8), as: UInt64.self)
      guard word & tops == 0, marks(word) & tops == tops else { return false }
      offset &+= 8
    }
    return true
  }
}
