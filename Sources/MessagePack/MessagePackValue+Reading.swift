/// Reading a value as what the reader expects: `nil` when it is something else.
extension MessagePackValue {
  /// A string value of UTF-8 text.
  package static func text(_ text: String) -> Self { .string([UInt8](text.utf8)) }

  /// A map with text keys, in the order given.
  package static func fields(_ fields: [(String, MessagePackValue)]) -> Self {
    .map(fields.map { (key: .text($0.0), value: $0.1) })
  }

  /// Whether this is MessagePack's nil.
  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The text of a string; bytes that are not UTF-8 become U+FFFD.
  package var text: String? {
    if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  /// The bytes of a string or of a byte string.
  package var bytes: [UInt8]? {
    switch self {
    case .string(let bytes), .binary(let bytes): bytes
    default: nil
    }
  }

  /// The value if it is a bool, else `nil`.
  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// An integer that fits 64 bits with a sign.
  package var int: Int64? {
    switch self {
    case .int(let value): value
    case .uint(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// An integer that is not negative.
  package var uint: UInt64? {
    switch self {
    case .int(let value): UInt64(exactly: value)
    case .uint(let value): value
    default: nil
    }
  }

  /// A floating point number, or an integer as the nearest one.
  package var double: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    case .uint(let value): Double(value)
    default: nil
    }
  }

  /// The elements of an array.
  package var array: [MessagePackValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The entries of a map, in the order they were written.
  package var map: [(key: MessagePackValue, value: MessagePackValue)]? {
    if case .map(let entries) = self { entries } else { nil }
  }

  /// The first value under a text key of a map. Takes time linear in the number of keys.
  package subscript(key: String) -> MessagePackValue? {
    guard case .map(let entries) = self else { return nil }
    return entries.first { entry in
      if case .string(let bytes) = entry.key { bytes.elementsEqual(key.utf8) } else { false }
    }?.value
  }
}
