/// The fields of a protobuf message, one after the other, without their meaning. Reads what the encoders of this target
/// wrote; anything else ends the walk.
struct ProtobufFields {
  /// A field as it lies in the bytes.
  struct Field {
    let number: Int
    /// With its tag and its length.
    let whole: Range<Int>
    /// Of a string, bytes or a message; empty for other types.
    let content: Range<Int>
    /// Of a number; 0 for other types.
    var value: UInt64 = 0
  }

  private let bytes: UnsafeRawBufferPointer
  private var offset: Int
  private let end: Int
  /// The bytes are no message, or one that ends too early.
  private(set) var isBroken = false

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    offset = max(0, range.lowerBound)
    end = min(range.upperBound, bytes.count)
  }

  /// The next field; `nil` at the end and where the bytes are broken.
  mutating func next() -> Field? {
    guard offset < end, !isBroken else { return nil }
    let start = offset
    guard let tag = varint(), let number = Int(exactly: tag >> 3), number > 0 else { return broken() }
    var content = 0..<0
    var value: UInt64 = 0
    switch tag & 7 {
    case 0:
      guard let number = varint() else { return broken() }
      value = number
    case 1: if !skip(8) { return broken() }
    case 2:
      guard let size = varint().flatMap({ Int(exactly: $0) }) else { return broken() }
      let first = offset
      guard skip(size) else { return broken() }
      content = first..<offset
    case 5: if !skip(4) { return broken() }
    default: return broken()
    }
    return Field(number: number, whole: start..<offset, content: content, value: value)
  }

  private mutating func broken() -> Field? {
    isBroken = true
    return nil
  }

  private mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, count <= end - offset else { return false }
    offset += count
    return true
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0 as UInt64, to: 64, by: 7) {
      guard offset < end else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}

extension ProtobufFields {
  /// All fields of a message; `nil` when the bytes are none.
  static func all(of bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> [Field]? {
    var fields = ProtobufFields(bytes, range)
    var all: [Field] = []
    while let field = fields.next() { all.append(field) }
    return fields.isBroken ? nil : all
  }
}
