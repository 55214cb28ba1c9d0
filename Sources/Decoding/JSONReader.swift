/// A bounds-checked cursor over JSON text (RFC 8259) that builds nothing.
///
/// Nothing is trusted: no read passes the end, and nesting is limited. `read…` moves the cursor, `peek…` does not. The
/// members of objects and arrays are read one by one:
///
///     try reader.openObject()
///     while let key = try reader.readKey() { … reader.readInt64() … }
@safe
struct JSONReader: ~Escapable {
  /// Objects and arrays inside each other, at most.
  static let depthMax = 64

  let bytes: RawSpan
  /// Offset of the next unread byte.
  private(set) var offset = 0
  /// Objects and arrays that are open.
  private var depth = 0
  /// Nothing has been read yet of the innermost object or array.
  private var isFirst = true

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  // MARK: Objects and arrays

  /// Opens an object; its members follow.
  @_lifetime(self: copy self)
  mutating func openObject() throws(ValueError) { try open(0x7B, .object) }

  /// Opens an array; its elements follow.
  @_lifetime(self: copy self)
  mutating func openArray() throws(ValueError) { try open(0x5B, .array) }

  /// The next member's key, with the cursor at its value; `nil` at the object's end, which is then closed.
  @_lifetime(self: copy self)
  mutating func readKey() throws(ValueError) -> JSONText? {
    guard try openNext(closing: 0x7D) else { return nil }
    return try readKeyAndColon()
  }

  /// Whether the array has another element, with the cursor at it; at its end the array is closed.
  @_lifetime(self: copy self)
  mutating func readElement() throws(ValueError) -> Bool { try openNext(closing: 0x5D) }

  @_lifetime(self: copy self)
  private mutating func open(_ bracket: UInt8, _ expected: ValueError.Expectation) throws(ValueError) {
    guard try peek(expected) == bracket else { throw unexpected(expected) }
    guard depth < Self.depthMax else { throw tooDeep() }
    offset &+= 1
    depth += 1
    isFirst = true
  }

  @_lifetime(self: copy self)
  private mutating func openNext(closing bracket: UInt8) throws(ValueError) -> Bool {
    let next = try peek(.comma)
    if next == bracket {
      offset &+= 1
      depth -= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
    } else {
      guard next == 0x2C else { throw malformed(.comma) }
      offset &+= 1
    }
    return true
  }

  @_lifetime(self: copy self)
  private mutating func readKeyAndColon() throws(ValueError) -> JSONText {
    guard try peek(.string) == 0x22 else { throw unexpected(.string) }
    let key = try readString()
    guard try peek(.colon) == 0x3A else { throw malformed(.colon) }
    offset &+= 1
    return key
  }

  // MARK: Scalars

  /// Moves over `null`, if that is what comes.
  @_lifetime(self: copy self)
  mutating func readNull() throws(ValueError) -> Bool {
    guard try peek(.value) == 0x6E else { return false }
    try readWord("null")
    return true
  }

  /// A truth value. `null` is false, as in the MessagePack formats.
  @_lifetime(self: copy self)
  mutating func readBool() throws(ValueError) -> Bool {
    switch try peek(.bool) {
    case 0x74:
      try readWord("true")
      return true
    case 0x66: try readWord("false")
    case 0x6E: try readWord("null")
    default: throw unexpected(.bool)
    }
    return false
  }

  /// A string, where it stands between its quotes; `null` reads as empty.
  @_lifetime(self: copy self)
  mutating func readString() throws(ValueError) -> JSONText {
    guard try peek(.string) == 0x22 else {
      guard try readNull() else { throw unexpected(.string) }
      return JSONText(start: offset, length: 0, isEscaped: false)
    }
    let start = offset &+ 1
    offset = start
    var isEscaped = false
    while offset < bytes.byteCount {
      switch byte(offset) {
      case 0x22:
        offset &+= 1
        return JSONText(start: start, length: offset &- 1 &- start, isEscaped: isEscaped)
      case 0x5C:
        isEscaped = true
        try readEscape()
      case 0x00..<0x20: throw malformed(.character, .control)
      default: offset &+= 1
      }
    }
    throw end(.string)
  }

  @_lifetime(self: copy self)
  private mutating func readEscape() throws(ValueError) {
    let at = offset
    offset &+= 1
    guard offset < bytes.byteCount else { throw end(.escape) }
    switch byte(offset) {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: offset &+= 1
    case 0x75:
      offset &+= 1
      for _ in 0..<4 {
        guard offset < bytes.byteCount else { throw end(.escape) }
        guard JSONText.hexDigit(byte(offset)) != nil else { throw foreignEscape(at) }
        offset &+= 1
      }
    default: throw foreignEscape(at)
    }
  }

  private func foreignEscape(_ at: Int) -> ValueError {
    ValueError(kind: .malformed, offset: at, expected: .escape, seen: .foreign)
  }

  @_lifetime(self: copy self)
  private mutating func readWord(_ word: StaticString) throws(ValueError) {
    let at = offset
    for index in 0..<word.utf8CodeUnitCount {
      guard offset < bytes.byteCount else { throw end(.value) }
      guard unsafe byte(offset) == word.utf8Start[index] else {
        throw ValueError(kind: .malformed, offset: at, expected: .value, seen: .foreign)
      }
      offset &+= 1
    }
  }
}

// MARK: Skipping

extension JSONReader {
  /// Moves over one value of any type, whatever it holds. Uses no memory, however deep the value is nested.
  @_lifetime(self: copy self)
  mutating func skipValue() throws(ValueError) {
    let outside = depth
    // A bit for each open level: whether it is an object.
    var objects: UInt64 = 0
    repeat {
      switch try peek(.value) {
      case 0x7B:
        try openObject()
        objects = objects << 1 | 1
      case 0x5B:
        try openArray()
        objects <<= 1
      case 0x22: _ = try readString()
      case 0x74, 0x66, 0x6E: _ = try readBool()
      default: _ = try scanNumber()
      }
      while depth > outside {
        let isObject = objects & 1 == 1
        if isObject ? try readKey() != nil : try readElement() { break }
        objects >>= 1
      }
    } while depth > outside
  }
}

// MARK: Errors and bytes

extension JSONReader {
  /// The next byte that is not white space; does not move over it.
  @_lifetime(self: copy self)
  mutating func peek(_ expected: ValueError.Expectation) throws(ValueError) -> UInt8 {
    while offset < bytes.byteCount {
      let next = byte(offset)
      guard next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 else { return next }
      offset &+= 1
    }
    throw end(expected)
  }

  /// A byte that the caller has checked to lie within the body.
  @inline(__always) func byte(_ at: Int) -> UInt8 { bytes.unsafeLoadByte(at) }

  /// Moves to an offset that was found by looking ahead.
  @_lifetime(self: copy self)
  mutating func move(to end: Int) {
    precondition(end >= offset && end <= bytes.byteCount)
    offset = end
  }

  func end(_ expected: ValueError.Expectation) -> ValueError {
    ValueError(kind: .unexpectedEnd, offset: bytes.byteCount, expected: expected, seen: .end)
  }

  func malformed(_ expected: ValueError.Expectation, _ seen: ValueError.Sight = .foreign) -> ValueError {
    ValueError(kind: .malformed, offset: offset, expected: expected, seen: seen)
  }

  /// Another type than was expected, or something that begins no value.
  func unexpected(_ expected: ValueError.Expectation) -> ValueError {
    let seen: ValueError.Sight? =
      switch byte(offset) {
      case 0x7B: .object
      case 0x5B: .array
      case 0x22: .string
      case 0x74, 0x66: .bool
      case 0x6E: .null_
      case 0x2D, 0x30...0x39: .number
      default: nil
      }
    guard let seen else { return malformed(expected) }
    return ValueError(kind: .wrongType, offset: offset, expected: expected, seen: seen)
  }

  private func tooDeep() -> ValueError {
    ValueError(kind: .tooDeep, offset: offset, expected: .depth, seen: byte(offset) == 0x7B ? .object : .array)
  }
}

extension RawSpan {
  /// A byte whose offset the caller has checked.
  @inline(__always) fileprivate func unsafeLoadByte(_ at: Int) -> UInt8 {
    unsafe unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
  }
}
