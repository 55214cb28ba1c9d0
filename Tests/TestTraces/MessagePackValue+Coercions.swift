import MessagePack

/// How the Datadog agent takes a value for each kind of field: nil is zero or empty everywhere.
extension MessagePackValue {
  private func refuse(_ wanted: String) -> ReferenceReader.Refusal { ReferenceReader.Refusal(wanted: wanted) }

  func elements() throws -> [MessagePackValue] {
    if isNull { return [] }
    guard let array else { throw refuse("an array") }
    return array
  }

  func entries() throws -> [(key: MessagePackValue, value: MessagePackValue)] {
    if isNull { return [] }
    guard let map else { throw refuse("a map") }
    return map
  }

  func pairs<Value>(_ read: (MessagePackValue) throws -> Value) throws -> [Pair<Value>] {
    try entries().map { Pair(try $0.key.wireText(), try read($0.value)) }
  }

  func textPairs() throws -> [Pair<PlainText>] { try pairs { try $0.wireText() } }

  /// `str` and `bin` alike, as they stand.
  func wireBytes() throws -> PlainText {
    if isNull { return PlainText() }
    guard let bytes else { throw refuse("a string") }
    return PlainText(bytes)
  }

  /// `str` and `bin` alike, with U+FFFD for each byte that is not UTF-8.
  func wireText() throws -> PlainText { try wireBytes().repaired }

  /// Any integer: a negative one keeps its bits.
  func wireID() throws -> UInt64 {
    switch self {
    case .null: 0
    case .uint(let value): value
    case .int(let value): UInt64(bitPattern: value)
    default: throw refuse("an integer")
    }
  }

  func wireInt64() throws -> Int64 {
    if isNull { return 0 }
    guard let int else { throw refuse("an integer of 63 bits") }
    return int
  }

  func wireInt32() throws -> Int32 {
    guard let value = Int32(exactly: try wireInt64()) else { throw refuse("an integer of 32 bits") }
    return value
  }

  func wireUInt32() throws -> UInt32 {
    guard let value = UInt32(exactly: try wireID()) else { throw refuse("an unsigned integer of 32 bits") }
    return value
  }

  func wireNumber() throws -> PlainNumber {
    if isNull { return PlainNumber(0) }
    guard let double else { throw refuse("a number") }
    return PlainNumber(double)
  }

  func wireBool() throws -> Bool {
    if isNull { return false }
    guard let bool else { throw refuse("a truth value") }
    return bool
  }
}
