/// Turns `Encodable` values into documents. Keys of properties become snake case; keys of dictionaries stay; optional
/// properties that are `nil` are left out.
package enum JSONValueEncoder {
  /// Throws what the value's own `encode(to:)` throws; the ones that the compiler writes do not.
  package static func encode(_ value: some Encodable) throws -> JSONValue {
    let place = EncodedPlace()
    try place.encode(value, path: [])
    return place.value
  }
}

/// A place in the document under construction. A class, because containers outlive the calls that hand them out.
final class EncodedPlace {
  private enum Content {
    case leaf(JSONValue)
    case members([(String, EncodedPlace)])
    case elements([EncodedPlace])
  }

  private var content = Content.leaf(.null)

  var value: JSONValue {
    switch content {
    case .leaf(let value): value
    case .members(let members): .object(members.map { ($0.0, $0.1.value) })
    case .elements(let elements): .array(elements.map(\.value))
    }
  }

  var count: Int {
    if case .elements(let elements) = content { elements.count } else { 0 }
  }

  func beObject() {
    if case .members = content { return }
    content = .members([])
  }

  func beArray() {
    if case .elements = content { return }
    content = .elements([])
  }

  func member(_ name: String) -> EncodedPlace {
    let place = EncodedPlace()
    if case .members(var members) = content {
      // Emptied first, so that the list is not copied.
      content = .leaf(.null)
      members.append((name, place))
      content = .members(members)
    }
    return place
  }

  func element() -> EncodedPlace {
    let place = EncodedPlace()
    if case .elements(var elements) = content {
      content = .leaf(.null)
      elements.append(place)
      content = .elements(elements)
    }
    return place
  }

  func encode(_ value: some Encodable, path: [any CodingKey]) throws {
    if let leaf = Self.leaf(value) {
      content = .leaf(leaf)
    } else {
      try value.encode(to: DocumentEncoder(place: self, codingPath: path, keepsKeys: value is any KeyedByData))
    }
  }

  func encodeNil() { content = .leaf(.null) }

  /// The values that JSON has itself; `nil` for all others.
  private static func leaf(_ value: some Encodable) -> JSONValue? {
    switch value {
    case let value as Bool: .bool(value)
    case let value as String: .string(value)
    case let value as Double: .double(value)
    case let value as Float: .double(Double(value))
    case let value as any FixedWidthInteger:
      if let value = Int64(exactly: value) { .int(value) } else { UInt64(exactly: value).map { .uint($0) } }
    default: nil
    }
  }
}

private struct DocumentEncoder: Encoder {
  let place: EncodedPlace
  let codingPath: [any CodingKey]
  let keepsKeys: Bool
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    place.beObject()
    return KeyedEncodingContainer(Members(place: place, codingPath: codingPath, keepsKeys: keepsKeys))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    place.beArray()
    return Elements(place: place, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(place: place, codingPath: codingPath) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let place: EncodedPlace
  let codingPath: [any CodingKey]
  let keepsKeys: Bool

  private func member(_ key: any CodingKey) -> EncodedPlace {
    place.member(keepsKeys ? key.stringValue : SnakeCase.of(key.stringValue))
  }

  func encodeNil(forKey key: Key) { member(key).encodeNil() }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try member(key).encode(value, path: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoder(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder(PathKey(stringValue: "super")) }

  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

  private func encoder(_ key: any CodingKey) -> DocumentEncoder {
    DocumentEncoder(place: member(key), codingPath: codingPath + [key], keepsKeys: false)
  }
}

private struct Elements: UnkeyedEncodingContainer {
  let place: EncodedPlace
  let codingPath: [any CodingKey]
  var count: Int { place.count }

  func encodeNil() { place.element().encodeNil() }

  func encode<Value: Encodable>(_ value: Value) throws {
    let path = codingPath + [PathKey(intValue: count)]
    try place.element().encode(value, path: path)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> DocumentEncoder {
    let path = codingPath + [PathKey(intValue: count)]
    return DocumentEncoder(place: place.element(), codingPath: path, keepsKeys: false)
  }
}

private struct Single: SingleValueEncodingContainer {
  let place: EncodedPlace
  let codingPath: [any CodingKey]

  func encodeNil() { place.encodeNil() }

  func encode<Value: Encodable>(_ value: Value) throws { try place.encode(value, path: codingPath) }
}
