/// A bounds-checked cursor over protobuf (proto3 wire format) that builds nothing.
///
/// Nothing is trusted: no read passes the end of the message it is in. Groups, which proto3 does not have, are refused.
/// Messages inside messages are entered and left:
///
///     while let tag = try reader.readTag() {
///       switch tag.field {
///       case 1: let end = try reader.enterMessage(tag) … try reader.leaveMessage(end)
///       default: try reader.skip(tag)
///       }
///     }
@safe
struct ProtobufReader: ~Escapable {
  /// Messages inside each other, at most.
  static let depthMax = 64
  /// The largest field number there is.
  private static let fieldMax: UInt64 = 1 << 29 - 1

  /// How a field's value is written.
  enum WireType: UInt8 {
    case varint, fixed64, lengthDelimited
    case fixed32 = 5

    /// - Parameter bits: the lowest three bits of a tag.
    @inline(__always) init?(_ bits: UInt8) {
      switch bits {
      case 0: self = .varint
      case 1: self = .fixed64
      case 2: self = .lengthDelimited
      case 5: self = .fixed32
      default: return nil
      }
    }
  }

  struct Tag: Equatable {
    var field: Int
    var type: WireType
    /// Offset of the tag in the body.
    var offset: Int
  }

  let bytes: RawSpan
  /// Offset of the next unread byte.
  private(set) var offset = 0
  /// Where the message ends that the cursor is in.
  private(set) var end: Int
  private var depth = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
    end = bytes.byteCount
  }

  /// For a message that lies within a body; offsets stay those of the body.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, message: Range<Int>) {
    precondition(message.lowerBound >= 0 && message.upperBound <= bytes.byteCount)
    self.bytes = bytes
    offset = message.lowerBound
    end = message.upperBound
  }

  // MARK: Fields and messages

  /// The next field of the message, with the cursor at its value; `nil` at the message's end.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readTag() throws(ValueError) -> Tag? {
    guard offset < end else { return nil }
    let at = offset
    // Fields up to 15 have tags of one byte.
    let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
    if byte < 0x80, byte >= 8, let type = WireType(byte & 7) {
      offset &+= 1
      return Tag(field: Int(byte >> 3), type: type, offset: at)
    }
    return try readAnyTag()
  }

  @_lifetime(self: copy self)
  @inline(never) private mutating func readAnyTag() throws(ValueError) -> Tag? {
    let at = offset
    let value = try readRawVarint(.tag)
    let field = value >> 3
    switch (field, value & 7) {
    case (1...Self.fieldMax, 3), (1...Self.fieldMax, 4):
      throw ValueError(kind: .malformed, offset: at, expected: .tag, seen: .group)
    case (1...Self.fieldMax, let wire):
      guard let type = WireType(UInt8(wire)) else { fallthrough }
      return Tag(field: Int(field), type: type, offset: at)
    default: throw ValueError(kind: .malformed, offset: at, expected: .tag, seen: .badTag)
    }
  }

  /// Enters a message that is a field's value. Returns what `leaveMessage` wants.
  @_lifetime(self: copy self)
  @inline(__always) mutating func enterMessage(_ tag: Tag) throws(ValueError) -> Int {
    let (start, length) = try readBytes(tag)
    guard depth < Self.depthMax else {
      throw ValueError(kind: .tooDeep, offset: tag.offset, expected: .depth, seen: .lengthDelimited)
    }
    depth += 1
    let outside = end
    offset = start
    end = start + length
    return outside
  }

  /// Leaves the message that the cursor is in; what is left of it is not read. `outside`: what `enterMessage` returned.
  @_lifetime(self: copy self)
  @inline(__always) mutating func leaveMessage(_ outside: Int) {
    precondition(depth > 0 && outside >= end && outside <= bytes.byteCount)
    depth -= 1
    offset = end
    end = outside
  }

  /// A byte of the message; `nil` where there is none.
  @inline(__always) func peekByte(at place: Int) -> UInt8? {
    guard place >= offset, place < end else { return nil }
    return unsafe bytes.unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self)
  }

  /// An integer that ends before `stop`, which is within the message; `nil` where it ends elsewhere or is very large.
  @inline(__always) func peekVarint(at place: Int, until stop: Int) -> UInt64? {
    guard place < stop, stop &- place <= 9 else { return nil }
    var value: UInt64 = 0
    for index in place..<stop {
      guard let byte = peekByte(at: index), (byte < 0x80) == (index == stop &- 1) else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(7 &* (index &- place))
    }
    return value
  }

  /// Moves over bytes of the message that the caller has looked at.
  @_lifetime(self: copy self)
  @inline(__always) mutating func advance(_ count: Int) {
    precondition(count >= 0 && count <= end &- offset)
    offset &+= count
  }

  // MARK: Values

  /// An integer of 64 bits. One that is written in more bits than that is malformed.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readVarint(_ tag: Tag) throws(ValueError) -> UInt64 {
    try require(.varint, tag, .varint)
    return try readRawVarint(.varint)
  }

  /// Eight bytes, little-endian: fixed64, sfixed64, and a double's bit pattern.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readFixed64(_ tag: Tag) throws(ValueError) -> UInt64 {
    try require(.fixed64, tag, .fixed64)
    guard end - offset >= 8 else { throw short(.fixed64) }
    defer { offset += 8 }
    return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
  }

  /// Four bytes, little-endian: fixed32, sfixed32, and a float's bit pattern.
  @_lifetime(self: copy self)
  mutating func readFixed32(_ tag: Tag) throws(ValueError) -> UInt32 {
    try require(.fixed32, tag, .fixed32)
    guard end - offset >= 4 else { throw short(.fixed32) }
    defer { offset += 4 }
    return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self).littleEndian
  }

  /// A string, bytes or a packed field: offset and length of its bytes in the body.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readBytes(_ tag: Tag) throws(ValueError) -> (start: Int, length: Int) {
    try require(.lengthDelimited, tag, .lengthDelimited)
    let length = try readRawVarint(.lengthDelimited)
    guard length <= UInt64(end - offset) else { throw short(.lengthDelimited) }
    defer { offset += Int(length) }
    return (offset, Int(length))
  }

  /// Eight bytes of a run that `readBytes` has found.
  @inline(__always) func bigEndian64(at start: Int) -> UInt64 {
    precondition(start >= 0 && start + 8 <= bytes.byteCount)
    return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self).bigEndian
  }

  /// Moves over a value of any type.
  @_lifetime(self: copy self)
  mutating func skip(_ tag: Tag) throws(ValueError) {
    switch tag.type {
    case .varint: _ = try readVarint(tag)
    case .fixed64: _ = try readFixed64(tag)
    case .fixed32: _ = try readFixed32(tag)
    case .lengthDelimited: _ = try readBytes(tag)
    }
  }

  /// Up to ten groups of seven bits, the lowest first.
  @_lifetime(self: copy self)
  @inline(__always) private mutating func readRawVarint(
    _ expected: ValueError.Expectation
  ) throws(ValueError) -> UInt64 {
    guard offset < end else { throw short(expected) }
    let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    guard byte >= 0x80 else {
      offset &+= 1
      return UInt64(byte)
    }
    return try readLongVarint(expected)
  }

  @_lifetime(self: copy self)
  @inline(never) private mutating func readLongVarint(_ expected: ValueError.Expectation) throws(ValueError) -> UInt64 {
    let at = offset
    if end &- offset >= 2 {
      // Lengths of messages have two bytes, as a rule.
      let both = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self).littleEndian
      if both & 0x8080 == 0x80 {
        offset &+= 2
        return UInt64(both & 0x7F | (both >> 8) << 7)
      }
    }
    var value: UInt64 = 0
    for shift in stride(from: 0, through: 63, by: 7) {
      guard offset < end else { throw short(expected) }
      let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
      offset += 1
      // The tenth group has one bit left.
      if shift == 63, byte > 1 { break }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw ValueError(kind: .malformed, offset: at, expected: .varint, seen: .longVarint)
  }

  @inline(__always) private func require(
    _ type: WireType, _ tag: Tag, _ expected: ValueError.Expectation
  ) throws(ValueError) {
    guard tag.type == type else { throw wrongType(tag, expected) }
  }

  @inline(never) private func wrongType(_ tag: Tag, _ expected: ValueError.Expectation) -> ValueError {
    let seen: ValueError.Sight =
      switch tag.type {
      case .varint: .varint
      case .fixed64: .fixed64
      case .fixed32: .fixed32
      case .lengthDelimited: .lengthDelimited
      }
    return ValueError(kind: .wrongType, offset: tag.offset, expected: expected, seen: seen)
  }

  private func short(_ expected: ValueError.Expectation) -> ValueError {
    ValueError(
      kind: .shortBytes, offset: end, expected: expected, seen: end == bytes.byteCount ? .end : .messageEnd)
  }
}
