import TraceModel

/// A view of the bytes of a text that is being read. Whoever makes it keeps them alive while it is used.
///
/// A place outside of the text reads as 0, so that looking ahead needs no check of its own.
@safe package struct TextBytes {
  private let bytes: UnsafeRawBufferPointer

  /// A view of these bytes, which are not copied.
  package init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
  }

  /// Number of bytes, not of characters.
  @inline(__always) package var count: Int { unsafe bytes.count }
  /// Whether there is nothing to read.
  @inline(__always) package var isEmpty: Bool { count == 0 }

  @inline(__always) subscript(_ index: Int) -> UInt8 {
    guard UInt(bitPattern: index) < UInt(bitPattern: count) else { return 0 }
    return unsafe bytes[index]
  }

  /// Eight bytes from `index` on, the first one lowest; `nil` where there are fewer.
  @inline(__always) func word(at index: Int) -> UInt64? {
    guard index >= 0, count &- 8 >= index else { return nil }
    return unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
  }

  /// The part from `start` to before `end`; what lies outside of the text is left out.
  @inline(__always) func part(_ start: Int, _ end: Int) -> TextBytes {
    let low = max(0, min(start, count))
    return unsafe TextBytes(UnsafeRawBufferPointer(rebasing: bytes[low..<max(low, min(end, count))]))
  }

  func isEqual(to other: TextBytes) -> Bool { unsafe ByteString.equal(bytes, other.bytes) }

  func isEqual(to text: StaticString) -> Bool { unsafe ByteString.equal(bytes, text) }

  /// Whether it spells `capitals`, whatever the case of its letters. `capitals` holds capital letters only.
  @inline(__always) func spells(_ capitals: StaticString) -> Bool {
    guard count == capitals.utf8CodeUnitCount else { return false }
    for index in 0..<count {
      // The bit that tells small letters from capitals; no byte but a letter becomes a capital without it.
      guard unsafe bytes[index] & 0xDF == capitals.utf8Start[index] else { return false }
    }
    return true
  }

  /// Whether it is `small`, whatever the case of its letters. `small` holds no capital letters.
  func isEqual(toSmall small: StaticString) -> Bool {
    guard count == small.utf8CodeUnitCount else { return false }
    return (0..<count).allSatisfy { unsafe CharacterClass.small(self[$0]) == small.utf8Start[$0] }
  }

  func hash(_ seed: TableSeed, after before: UInt64) -> UInt64 { unsafe seed.hash(bytes, after: before) }

  func hasSuffix(_ text: StaticString) -> Bool {
    part(count - text.utf8CodeUnitCount, count).isEqual(to: text)
  }

  /// Where `byte` first stands from `start` on; `nil` when it does not.
  func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      index &+= 1
    }
    return nil
  }

  func lastIndex(of byte: UInt8) -> Int? {
    var index = count
    while index > 0 {
      index &-= 1
      if self[index] == byte { return index }
    }
    return nil
  }

  /// The Unicode scalar at `index` and its length in bytes; `nil` where no well-formed character begins.
  func scalar(at index: Int) -> (value: Unicode.Scalar, length: Int)? {
    guard index >= 0, index < count else { return nil }
    let length = unsafe ByteString.characterLength(bytes, at: index)
    guard length > 0 else { return nil }
    let leading = UInt32(self[index])
    var value = length == 1 ? leading : leading & (0xFF >> UInt32(length + 1))
    for next in 1..<max(length, 1) { value = value << 6 | UInt32(self[index + next] & 0x3F) }
    return Unicode.Scalar(value).map { ($0, length) }
  }

  /// Writes the text behind what the buffer holds; the text must not lie in that buffer.
  package func append(to out: inout GrowableBuffer<UInt8>) {
    unsafe out.append(contentsOf: bytes.bindMemory(to: UInt8.self))
  }
}

extension GrowableBuffer where Element == UInt8 {
  /// The bytes from `start` on. They are valid until the next change of the buffer.
  func bytes(from start: Int) -> TextBytes {
    unsafe TextBytes(UnsafeRawBufferPointer(pointer)).part(start, count)
  }

  mutating func append(_ text: StaticString) {
    unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
