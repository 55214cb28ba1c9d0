/// A bounds-checked cursor over a MessagePack body.
///
/// Nothing is trusted: no read passes the end, and an element count larger than the bytes left could hold is refused
/// before anything is sized by it. `read…` moves the cursor, `peek…` does not.
@safe
struct MessagePackReader: ~Escapable {
  /// Values nested deeper than this are refused.
  static let depthMax = 64

  let bytes: RawSpan
  /// Offset of the next unread byte.
  private(set) var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  @inline(__always) var remaining: Int { bytes.byteCount &- offset }

  /// Moves over bytes that the caller has checked to lie within the body.
  @_lifetime(self: copy self)
  @inline(__always) mutating func advance(_ count: Int) { offset &+= count }

  @inline(__always) func peekMarker() throws(ValueError) -> UInt8 {
    guard remaining > 0 else { throw end(.value) }
    return unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }

  @_lifetime(self: copy self)
  @inline(__always) mutating func readNil() -> Bool {
    guard remaining > 0, unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) == 0xC0 else {
      return false
    }
    offset &+= 1
    return true
  }

  /// A big-endian integer at `at`, which the caller has checked to lie within the body.
  @inline(__always) private func load<T: FixedWidthInteger & BitwiseCopyable>(_ at: Int, as type: T.Type) -> T {
    T(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: T.self))
  }

  /// The eight bytes at an offset whose bytes the caller has read over already.
  func bigEndian64(at offset: Int) -> UInt64 { load(offset, as: UInt64.self) }

  @inline(__always) private func require(_ count: Int, _ expected: ValueError.Expectation) throws(ValueError) {
    guard remaining >= count else { throw end(expected) }
  }

  func end(_ expected: ValueError.Expectation) -> ValueError {
    ValueError(kind: .shortBytes, offset: bytes.byteCount, expected: expected, seen: .end)
  }

  func wrongType(_ expected: ValueError.Expectation, at: Int, marker: UInt8) -> ValueError {
    ValueError(kind: .wrongType, offset: at, expected: expected, seen: Self.sight(of: marker))
  }

  /// The type that a format byte opens.
  static func sight(of marker: UInt8) -> ValueError.Sight {
    switch marker {
    case 0x00...0x7F, 0xCC...0xCF: .unsignedInteger
    case 0x80...0x8F, 0xDE, 0xDF: .map
    case 0x90...0x9F, 0xDC, 0xDD: .array
    case 0xA0...0xBF, 0xD9...0xDB: .string
    case 0xC0: .null
    case 0xC2, 0xC3: .bool
    case 0xC4...0xC6: .bytes
    case 0xC7...0xC9, 0xD4...0xD8: .ext
    case 0xCA, 0xCB: .float
    case 0xD0...0xD3, 0xE0...0xFF: .signedInteger
    default: .reserved
    }
  }

  func outOfRange(_ expected: ValueError.Expectation, at: Int, marker: UInt8) -> ValueError {
    ValueError(kind: .outOfRange, offset: at, expected: expected, seen: Self.sight(of: marker))
  }

  // MARK: Containers

  /// Opens an array and returns its element count; nil counts as empty.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readArrayCount() throws(ValueError) -> Int {
    let marker = try peekMarker()
    let at = offset
    let count: Int
    switch marker {
    case 0x90...0x9F:
      count = Int(marker & 0x0F)
      offset &+= 1
    case 0xC0:
      offset &+= 1
      return 0
    case 0xDC:
      try require(3, .array)
      count = Int(load(at &+ 1, as: UInt16.self))
      offset &+= 3
    case 0xDD:
      try require(5, .array)
      count = Int(load(at &+ 1, as: UInt32.self))
      offset &+= 5
    default: throw wrongType(.array, at: at, marker: marker)
    }
    guard count <= remaining else { throw end(.element) }
    return count
  }

  /// Opens a map and returns its pair count; nil counts as empty.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readMapCount() throws(ValueError) -> Int {
    let marker = try peekMarker()
    let at = offset
    let count: Int
    switch marker {
    case 0x80...0x8F:
      count = Int(marker & 0x0F)
      offset &+= 1
    case 0xC0:
      offset &+= 1
      return 0
    case 0xDE:
      try require(3, .map)
      count = Int(load(at &+ 1, as: UInt16.self))
      offset &+= 3
    case 0xDF:
      try require(5, .map)
      count = Int(load(at &+ 1, as: UInt32.self))
      offset &+= 5
    default: throw wrongType(.map, at: at, marker: marker)
    }
    guard count <= remaining / 2 else { throw end(.element) }
    return count
  }

  // MARK: Strings

  /// A `str` or `bin` value: offset and length of its bytes in the body. nil reads as empty.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readRawString() throws(ValueError) -> (start: Int, length: Int) {
    let marker = try peekMarker()
    let at = offset
    let header: Int
    let length: Int
    if marker & 0xE0 == 0xA0 {
      header = 1
      length = Int(marker & 0x1F)
    } else {
      switch marker {
      case 0xD9, 0xC4:
        try require(2, .string)
        header = 2
        length = Int(load(at &+ 1, as: UInt8.self))
      case 0xDA, 0xC5:
        try require(3, .string)
        header = 3
        length = Int(load(at &+ 1, as: UInt16.self))
      case 0xDB, 0xC6:
        try require(5, .string)
        header = 5
        length = Int(load(at &+ 1, as: UInt32.self))
      case 0xC0:
        offset &+= 1
        return (at, 0)
      default: throw wrongType(.string, at: at, marker: marker)
      }
    }
    guard length <= remaining &- header else { throw end(.string) }
    offset = at &+ header &+ length
    return (at &+ header, length)
  }

  // MARK: Numbers

  /// Any integer as 64 bits: a negative one keeps its bit pattern, as Java clients send ids. nil is 0.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readUInt64() throws(ValueError) -> UInt64 {
    let marker = try peekMarker()
    if marker == 0xCF {
      try require(9, .integer)
      let value = load(offset &+ 1, as: UInt64.self)
      offset &+= 9
      return value
    }
    return UInt64(bitPattern: try readInteger(marker, .integer))
  }

  /// The same for the key of a map whose keys are numbers, nearly always small ones.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readNumberKey() throws(ValueError) -> UInt64 {
    let marker = try peekMarker()
    guard marker < 0x80 else { return try readUInt64() }
    offset &+= 1
    return UInt64(marker)
  }

  /// The same for the number of a text, which has one byte to three as a rule.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readTextNumber() throws(ValueError) -> UInt64 {
    let marker = try peekMarker()
    let value: UInt64
    switch marker {
    case 0x00...0x7F:
      value = UInt64(marker)
      offset &+= 1
    case 0xCC where remaining >= 2:
      value = UInt64(load(offset &+ 1, as: UInt8.self))
      offset &+= 2
    case 0xCD where remaining >= 3:
      value = UInt64(load(offset &+ 1, as: UInt16.self))
      offset &+= 3
    default: return try readUInt64()
    }
    return value
  }

  /// A signed 64-bit integer. nil is 0; an unsigned value above `Int64.max` is out of range.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readInt64() throws(ValueError) -> Int64 {
    let marker = try peekMarker()
    if marker == 0xCF {
      try require(9, .int64)
      let value = load(offset &+ 1, as: UInt64.self)
      guard let signed = Int64(exactly: value) else { throw outOfRange(.int64, at: offset, marker: marker) }
      offset &+= 9
      return signed
    }
    return try readInteger(marker, .integer)
  }

  /// A signed 32-bit integer. nil is 0.
  @_lifetime(self: copy self)
  mutating func readInt32() throws(ValueError) -> Int32 {
    let at = offset
    let marker = try peekMarker()
    guard let value = Int32(exactly: try readInt64()) else { throw outOfRange(.int32, at: at, marker: marker) }
    return value
  }

  /// An unsigned 32-bit integer. nil is 0.
  @_lifetime(self: copy self)
  mutating func readUInt32() throws(ValueError) -> UInt32 {
    let at = offset
    let marker = try peekMarker()
    guard let value = UInt32(exactly: try readUInt64()) else { throw outOfRange(.uint32, at: at, marker: marker) }
    return value
  }

  /// Any number as a double. nil is 0.
  @_lifetime(self: copy self)
  @inline(__always) mutating func readDouble() throws(ValueError) -> Double {
    let marker = try peekMarker()
    switch marker {
    case 0xCB:
      try require(9, .number)
      let value = Double(bitPattern: load(offset &+ 1, as: UInt64.self))
      offset &+= 9
      return value
    case 0xCA:
      try require(5, .number)
      let value = Float(bitPattern: load(offset &+ 1, as: UInt32.self))
      offset &+= 5
      return Double(value)
    case 0xCF:
      return Double(try readUInt64())
    default:
      return Double(try readInteger(marker, .number))
    }
  }

  @_lifetime(self: copy self)
  mutating func readBool() throws(ValueError) -> Bool {
    let marker = try peekMarker()
    switch marker {
    case 0xC3: offset &+= 1
    case 0xC2, 0xC0: offset &+= 1
    default: throw wrongType(.bool, at: offset, marker: marker)
    }
    return marker == 0xC3
  }

  /// Every integer format but uint64, which the callers treat each in their own way.
  @_lifetime(self: copy self)
  private mutating func readInteger(
    _ marker: UInt8, _ expected: ValueError.Expectation
  ) throws(ValueError) -> Int64 {
    let at = offset
    let value: Int64
    let size: Int
    switch marker {
    case 0x00...0x7F: (value, size) = (Int64(marker), 1)
    case 0xE0...0xFF: (value, size) = (Int64(Int8(bitPattern: marker)), 1)
    case 0xC0: (value, size) = (0, 1)
    case 0xCC:
      try require(2, expected)
      (value, size) = (Int64(load(at &+ 1, as: UInt8.self)), 2)
    case 0xCD:
      try require(3, expected)
      (value, size) = (Int64(load(at &+ 1, as: UInt16.self)), 3)
    case 0xCE:
      try require(5, expected)
      (value, size) = (Int64(load(at &+ 1, as: UInt32.self)), 5)
    case 0xD0:
      try require(2, expected)
      (value, size) = (Int64(load(at &+ 1, as: Int8.self)), 2)
    case 0xD1:
      try require(3, expected)
      (value, size) = (Int64(load(at &+ 1, as: Int16.self)), 3)
    case 0xD2:
      try require(5, expected)
      (value, size) = (Int64(load(at &+ 1, as: Int32.self)), 5)
    case 0xD3:
      try require(9, expected)
      (value, size) = (load(at &+ 1, as: Int64.self), 9)
    default: throw wrongType(expected, at: at, marker: marker)
    }
    offset = at &+ size
    return value
  }

  /// Moves over `count` bytes that the caller knows nothing of.
  @_lifetime(self: copy self)
  mutating func skipBytes(_ count: Int) throws(ValueError) {
    try require(count, .value)
    offset &+= count
  }
}
