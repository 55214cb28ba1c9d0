import TestTraces

/// A protobuf message by its field numbers; written for these tests from the description of the format.
struct ProtobufMessage {
  enum Value: Equatable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  enum Malformed: Error {
    case truncated
    case wireType(UInt64)
    case twice(field: Int)
    case unexpected(fields: [Int])
  }

  /// Fields that nobody has taken yet, in the order in which they stand.
  private(set) var fields: [(number: Int, value: Value)] = []

  init(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while !rest.isEmpty {
      let tag = try Self.takeVarint(&rest)
      let number = Int(tag >> 3)
      switch tag & 7 {
      case 0: fields.append((number, .varint(try Self.takeVarint(&rest))))
      case 1:
        let bits = try Self.take(8, &rest).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        fields.append((number, .fixed64(bits)))
      case 2:
        let count = try Self.takeVarint(&rest)
        fields.append((number, .bytes(try Self.take(Int(clamping: count), &rest))))
      case 5:
        let bits = try Self.take(4, &rest).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        fields.append((number, .fixed32(bits)))
      default: throw Malformed.wireType(tag & 7)
      }
    }
  }

  private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Malformed.truncated }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func takeVarint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw Malformed.truncated }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return value }
    }
    throw Malformed.truncated
  }

  /// All values of a repeated field.
  mutating func takeAll(_ number: Int) -> [Value] {
    defer { fields.removeAll { $0.number == number } }
    return fields.filter { $0.number == number }.map(\.value)
  }

  private mutating func takeOne(_ number: Int) throws -> Value? {
    let values = takeAll(number)
    guard values.count < 2 else { throw Malformed.twice(field: number) }
    return values.first
  }

  mutating func text(_ number: Int) throws -> PlainText {
    switch try takeOne(number) {
    case nil: PlainText()
    case .bytes(let bytes): PlainText(Array(bytes))
    default: throw Malformed.wireType(2)
    }
  }

  mutating func varint(_ number: Int) throws -> UInt64 {
    switch try takeOne(number) {
    case nil: 0
    case .varint(let value): value
    default: throw Malformed.wireType(0)
    }
  }

  mutating func fixed64(_ number: Int) throws -> UInt64 {
    switch try takeOne(number) {
    case nil: 0
    case .fixed64(let bits): bits
    default: throw Malformed.wireType(1)
    }
  }

  mutating func fixed32(_ number: Int) throws -> UInt32 {
    switch try takeOne(number) {
    case nil: 0
    case .fixed32(let bits): bits
    default: throw Malformed.wireType(5)
    }
  }

  mutating func int64(_ number: Int) throws -> Int64 { Int64(bitPattern: try varint(number)) }
  /// A negative int32 has to be sign-extended to 64 bits.
  mutating func int32(_ number: Int) throws -> Int32 {
    guard let value = Int32(exactly: try int64(number)) else { throw Malformed.truncated }
    return value
  }
  mutating func double(_ number: Int) throws -> PlainNumber { PlainNumber(Double(bitPattern: try fixed64(number))) }

  mutating func messages(_ number: Int) throws -> [ProtobufMessage] {
    try takeAll(number).map { value in
      guard case .bytes(let bytes) = value else { throw Malformed.wireType(2) }
      return try ProtobufMessage(bytes)
    }
  }

  mutating func map<Entry>(
    _ number: Int, _ value: (inout ProtobufMessage) throws -> Entry
  ) throws -> [Pair<Entry>] {
    try messages(number).map { message in
      var message = message
      let pair = Pair(try message.text(1), try value(&message))
      try message.finish()
      return pair
    }
  }

  mutating func texts(_ number: Int) throws -> [Pair<PlainText>] { try map(number) { try $0.text(2) } }

  /// Nothing may be left over.
  func finish() throws {
    guard fields.isEmpty else { throw Malformed.unexpected(fields: fields.map(\.number)) }
  }
}
