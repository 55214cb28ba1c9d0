import Platform

/// Plain functions over runs of bytes.
public enum ByteString {
  /// Bytes of a character in UTF-8 at most, U+FFFD included.
  public static let characterBytesMax = 4

  /// Whether both hold the same bytes. Two empty runs are equal, wherever they lie.
  @inlinable public static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard a.count > 0, let left = a.baseAddress, let right = b.baseAddress else { return true }
    return unsafe memcmp(left, right, a.count) == 0
  }

  /// Whether the bytes spell `text`. For literals: compares without a copy.
  @inlinable public static func equal(_ a: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard a.count == text.utf8CodeUnitCount else { return false }
    guard a.count > 0, let left = a.baseAddress else { return true }
    return unsafe memcmp(left, text.utf8Start, a.count) == 0
  }

  /// Whether the bytes spell `text`, which is in lower case, with its letters in either case.
  public static func equalIgnoringCase(_ a: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard a.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<a.count {
      let byte = unsafe a[index]
      let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
      guard unsafe lower == text.utf8Start[index] else { return false }
    }
    return true
  }

  /// Whether every byte is below 0x80.
  @inline(__always) @inlinable public static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let n = bytes.count
    let high: UInt64 = 0x8080_8080_8080_8080
    if n >= 8 {
      // Words from both ends, which may overlap: short texts need no loop.
      var seen = unsafe word(bytes, 0) | word(bytes, n &- 8)
      if n > 16 {
        unsafe seen |= word(bytes, 8) | word(bytes, n &- 16)
        if n > 32 { unsafe seen |= innerWords(bytes) }
      }
      return seen & high == 0
    }
    if n >= 4 {
      let first = unsafe bytes.loadUnaligned(as: UInt32.self)
      let last = unsafe bytes.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self)
      return (first | last) & 0x8080_8080 == 0
    }
    var seen: UInt8 = 0
    for index in 0..<n { seen |= unsafe bytes[index] }
    return seen < 0x80
  }

  @inline(__always) @usableFromInline static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  /// All bits of the bytes between the first 16 and the last 16.
  @inline(never) @usableFromInline static func innerWords(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var seen: UInt64 = 0
    var offset = 16
    while offset < bytes.count &- 16 {
      unsafe seen |= word(bytes, offset)
      offset &+= 8
    }
    return seen
  }

  /// Length in bytes of the well-formed UTF-8 character at `offset`, or 0 when the bytes there are not one.
  public static func characterLength(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    let first = unsafe bytes[offset]
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch first {
    case 0..<0x80: return 1
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, low) = (3, 0xA0)
    case 0xED: (length, high) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, low) = (4, 0x90)
    case 0xF4: (length, high) = (4, 0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard bytes.count - offset >= length else { return 0 }
    let second = unsafe bytes[offset + 1]
    guard second >= low, second <= high else { return 0 }
    for index in stride(from: 2, to: length, by: 1) {
      guard unsafe bytes[offset + index] & 0xC0 == 0x80 else { return 0 }
    }
    return length
  }

  /// The longest prefix of at most `limit` bytes that does not end inside a UTF-8 character.
  public static func truncatedLength(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Int {
    guard bytes.count > limit else { return bytes.count }
    var end = limit
    while end > 0, unsafe bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return end
  }
}
