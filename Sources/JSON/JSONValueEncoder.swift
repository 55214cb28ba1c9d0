/// Turns `Encodable` values into documents. Keys of properties become snake case (see `NamedMembers` for others), keys
/// of dictionaries stay and are sorted, optional properties that are `nil` are left out.
package enum JSONValueEncoder {
  /// Throws what the value's own `encode(to:)` throws; the ones that the compiler writes do not.
  package static func encode(_ value: some Encodable) throws -> JSONValue {
    try EncodedPlace.value(of: value, path: [])
  }
}

/// An object, a list or a value under construction. A class, because containers outlive the calls that hand them out.
private final class EncodedPlace {
  private enum Shape { case leaf, object, array }

  /// Something inside of it: finished, or with a container that is still out.
  private enum Part {
    case finished(JSONValue)
    case open(EncodedPlace)

    var value: JSONValue {
      switch self {
      case .finished(let value): value
      case .open(let place): place.value
      }
    }
  }

  let naming: MemberNaming
  private var shape = Shape.leaf
  private var leaf = JSONValue.null
  private var members: [(String, Part)] = []
  private var elements: [Part] = []

  init(_ type: Any.Type) { naming = MemberNaming(type) }

  /// What `value` encodes itself as. The path is evaluated only where it is kept.
  static func value<Value: Encodable>(
    of value: Value, path: @autoclosure () -> [any CodingKey]
  ) throws -> JSONValue {
    if let leaf = value as? any JSONLeaf { return leaf.json }
    let place = EncodedPlace(Value.self)
    try value.encode(to: DocumentEncoder(place: place, codingPath: path(), naming: place.naming))
    return place.value
  }

  var value: JSONValue {
    switch shape {
    case .leaf: return leaf
    case .array: return .array(elements.map(\.value))
    case .object:
      let all = members.map { ($0.0, $0.1.value) }
      return .object(naming.keepsKeys ? all.sorted { $0.0 < $1.0 } : all)
    }
  }

  var count: Int { elements.count }

  func beObject() { shape = .object }

  func beArray() { shape = .array }

  func beLeaf(_ value: JSONValue) {
    shape = .leaf
    leaf = value
  }

  func add(_ name: String, _ value: JSONValue) { members.append((name, .finished(value))) }

  func add(_ value: JSONValue) { elements.append(.finished(value)) }

  /// A place that is filled in later.
  func openMember(_ name: String) -> EncodedPlace {
    let place = EncodedPlace(Never.self)
    members.append((name, .open(place)))
    return place
  }

  /// A place that is filled in later.
  func openElement() -> EncodedPlace {
    let place = EncodedPlace(Never.self)
    elements.append(.open(place))
    return place
  }
}

private struct DocumentEncoder: Encoder {
  let place: EncodedPlace
  let codingPath: [any CodingKey]
  let naming: MemberNaming
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(place: EncodedPlace, codingPath: [any CodingKey], naming: MemberNaming) {
    self.place = place
    self.codingPath = codingPath
    self.naming = naming
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    place.beObject()
    return KeyedEncodingContainer(Members(place: place, codingPath: codingPath, naming: naming))
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
  let naming: MemberNaming

  func encodeNil(forKey key: Key) { place.add(naming.name(of: key), .null) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    if Value.self is any FlattenedMember.Type {
      let inner = DocumentEncoder(place: place, codingPath: codingPath, naming: MemberNaming(Value.self))
      try value.encode(to: inner)
    } else {
      place.add(naming.name(of: key), try EncodedPlace.value(of: value, path: codingPath + [key]))
    }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoder(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder(PathKey(stringValue: "super")) }

  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

  private func encoder(_ key: any CodingKey) -> DocumentEncoder {
    let inner = place.openMember(naming.name(of: key))
    return DocumentEncoder(place: inner, codingPath: codingPath + [key], naming: inner.naming)
  }
}

private struct Elements: UnkeyedEncodingContainer {
  let place: EncodedPlace
  let codingPath: [any CodingKey]
  var count: Int { place.count }

  func encodeNil() { place.add(.null) }

  func encode<Value: Encodable>(_ value: Value) throws {
    place.add(try EncodedPlace.value(of: value, path: codingPath + [PathKey(intValue: count)]))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> DocumentEncoder {
    let path = codingPath + [PathKey(intValue: count)]
    let inner = place.openElement()
    return DocumentEncoder(place: inner, codingPath: path, naming: inner.naming)
  }
}

private struct Single: SingleValueEncodingContainer {
  let place: EncodedPlace
  let codingPath: [any CodingKey]

  func encodeNil() { place.beLeaf(.null) }

  func encode<Value: Encodable>(_ value: Value) throws {
    place.beLeaf(try EncodedPlace.value(of: value, path: codingPath))
  }
}
