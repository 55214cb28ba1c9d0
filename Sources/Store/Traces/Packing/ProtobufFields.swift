/// The fields of a protobuf message, one after another. Bytes that make no sense end it.
struct ProtobufFields {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0
  /// Whether the bytes ended within a field, or held what protobuf does not know.
  private(set) var isBroken = false

  /// A field, and where it lies in the message.
  struct Field {
    /// `number << 3 | wire type`.
    var tag: UInt64 = 0
    /// Where its tag begins in the message.
    var start = 0
    /// A varint or the bits of a fixed-width value.
    var number: UInt64 = 0
    /// What it holds, when it has a length.
    var content = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Its content as text, with broken UTF-8 repaired.
    var text: String { String(decoding: content, as: UTF8.self) }
  }

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next field; `nil` at the end.
  @inline(__always)
  mutating func next() -> Field? {
    guard offset < bytes.count else { return nil }
    var field = Field()
    field.start = offset
    guard let tag = varint() else { return nil }
    field.tag = tag
    switch tag & 7 {
    case 0:
      guard let number = varint() else { return nil }
      field.number = number
    case 1: return fixed(8, &field)
    case 5: return fixed(4, &field)
    case 2:
      guard let length = varint(), length <= UInt64(bytes.count &- offset) else { return broken() }
      field.content = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset &+ Int(length))])
      offset &+= Int(length)
    default: return broken()
    }
    return field
  }

  /// The bytes of a field from its tag to its end; `next` must have returned it last.
  func whole(_ field: Field) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[field.start..<offset])
  }

  @inline(__always)
  private mutating func varint() -> UInt64? {
    guard let value = bytes.readVarint(&offset) else { return broken() }
    return value
  }

  private mutating func fixed(_ width: Int, _ field: inout Field) -> Field? {
    guard bytes.count &- offset >= width else { return broken() }
    field.number =
      width == 8
      ? bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      : UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    offset &+= width
    return field
  }

  private mutating func broken<Value>() -> Value? {
    isBroken = true
    offset = bytes.count
    return nil
  }
}

extension UnsafeRawBufferPointer {
  /// A varint at `offset`, which moves behind it; `nil` when it does not end here, and nothing moves.
  @inline(__always)
  func readVarint(_ offset: inout Int) -> UInt64? {
    guard offset < count, self[offset] < 0x80 else { return readLongVarint(&offset) }
    defer { offset &+= 1 }
    return UInt64(self[offset])
  }

  /// The same for one of any length.
  private func readLongVarint(_ offset: inout Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var position = offset
    while position < count, shift < 70 {
      let byte = self[position]
      position &+= 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 {
        offset = position
        return value
      }
      shift &+= 7
    }
    return nil
  }

  /// A run of bytes whose length stands in front of it.
  @inline(__always)
  func readRun(_ offset: inout Int) -> UnsafeRawBufferPointer? {
    guard let length = readVarint(&offset), length <= UInt64(count &- offset) else { return nil }
    defer { offset &+= Int(length) }
    return UnsafeRawBufferPointer(rebasing: self[offset..<(offset &+ Int(length))])
  }
}

/// How a number is written with seven bits in each byte, in as few bytes as it needs.
enum Varint {
  /// Bytes that a number takes.
  @inline(__always)
  static func length(_ value: UInt64) -> Int { (70 &- (value | 1).leadingZeroBitCount) / 7 }
}

extension [UInt8] {
  /// Appends a number in as few bytes as it needs, seven bits in each.
  @inline(__always)
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a number that may be negative; small ones of either sign take few bytes.
  @inline(__always)
  mutating func append(signed value: Int64) {
    append(varint: UInt64(bitPattern: value &<< 1 ^ value &>> 63))
  }
}

extension Int64 {
  /// The number that `append(signed:)` wrote.
  init(zigzag bits: UInt64) { self = Int64(bitPattern: bits &>> 1) ^ -Int64(bitPattern: bits & 1) }
}
