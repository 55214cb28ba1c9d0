/// Turns documents into `Decodable` values, with the names that `JSONValueEncoder` writes.
///
/// Members that a type with defaults (`DecodableWithDefaults`) does not find are taken from there. Members that no
/// property asks for are an error: in a document written by hand they are misspelt.
package enum JSONValueDecoder {
  /// The value that a document stands for. Unknown members are refused: they are misspelt.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from document: JSONValue
  ) throws(JSONCodingError) -> Value {
    do {
      return try DocumentDecoder.value(type, in: document, path: [])
    } catch let error as DecodingError {
      throw JSONCodingError(error)
    } catch {
      throw JSONCodingError(path: [], problem: "\(error)")
    }
  }
}

/// The members of one object that were asked for. Shared by the containers of one value.
private final class AskedMembers {
  var names: Set<String> = []
}

private struct DocumentDecoder: Decoder {
  let document: JSONValue
  let codingPath: [any CodingKey]
  let keepsKeys: Bool
  let asked = AskedMembers()
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func value<Value: Decodable>(
    _ type: Value.Type, in document: JSONValue, path: [any CodingKey]
  ) throws -> Value {
    if let value = try leaf(type, in: document, path: path) { return value }
    let isKeyedByData = type is any KeyedByData.Type
    let decoder = DocumentDecoder(
      document: try overlaid(type, document, path: path), codingPath: path, keepsKeys: isKeyedByData)
    let value = try Value(from: decoder)
    if !isKeyedByData, !decoder.asked.names.isEmpty,
      let unknown = decoder.document.members?.first(where: { !decoder.asked.names.contains($0.0) })
    {
      throw mismatch(path, "\"\(unknown.0)\" is not known here")
    }
    return value
  }

  /// The document with the members that it leaves out taken from the type's defaults.
  private static func overlaid<Value: Decodable>(
    _ type: Value.Type, _ document: JSONValue, path: [any CodingKey]
  ) throws -> JSONValue {
    guard let type = type as? any DecodableWithDefaults.Type, let given = document.members else { return document }
    if let missing = type.requiredMembers.first(where: { document[$0] == nil }) {
      throw mismatch(path, "\"\(missing)\" is missing")
    }
    let defaults = try JSONValueEncoder.encode(type.decodingDefaults).members ?? []
    return .object(defaults.filter { document[$0.0] == nil } + given)
  }

  /// Values that JSON has itself. `nil` for types that decode themselves.
  private static func leaf<Value>(
    _ type: Value.Type, in document: JSONValue, path: [any CodingKey]
  ) throws -> Value? {
    let value: Any?
    switch type {
    case is Bool.Type: value = document.bool
    case is String.Type: value = document.string
    case is Double.Type: value = document.number
    case is Float.Type: value = document.number.map { Float($0) }
    case let type as any FixedWidthInteger.Type: value = integer(type, in: document)
    default: return nil
    }
    guard let value = value as? Value else {
      throw mismatch(path, "expected \(name(of: type)), found \(kind(document))")
    }
    return value
  }

  private static func integer<Number: FixedWidthInteger>(_ type: Number.Type, in document: JSONValue) -> Number? {
    switch document {
    case .int(let value): Number(exactly: value)
    case .uint(let value): Number(exactly: value)
    case .double(let value): Number(exactly: value)
    default: nil
    }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is String.Type: "a text"
    case is Double.Type, is Float.Type: "a number"
    default: "a whole number that fits \(type)"
    }
  }

  private static func kind(_ document: JSONValue) -> String {
    switch document {
    case .null: "null"
    case .bool: "true or false"
    case .int, .uint, .double: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  static func mismatch(_ path: [any CodingKey], _ problem: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: problem))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard document.members != nil else {
      throw Self.mismatch(codingPath, "expected an object, found \(Self.kind(document))")
    }
    return KeyedDecodingContainer(
      Members(document: document, codingPath: codingPath, keepsKeys: keepsKeys, asked: asked))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let elements = document.elements else {
      throw Self.mismatch(codingPath, "expected a list, found \(Self.kind(document))")
    }
    return Elements(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { Single(document: document, codingPath: codingPath) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let document: JSONValue
  let codingPath: [any CodingKey]
  let keepsKeys: Bool
  let asked: AskedMembers

  /// Only keys that are data can be listed: those of properties are not spelt as in the document.
  var allKeys: [Key] { (document.members ?? []).compactMap { Key(stringValue: $0.0) } }

  private func find(_ key: any CodingKey) -> JSONValue? {
    let name = keepsKeys ? key.stringValue : SnakeCase.of(key.stringValue)
    asked.names.insert(name)
    return document[name]
  }

  private func member(_ key: any CodingKey) throws -> JSONValue {
    guard let value = find(key) else {
      throw DecodingError.keyNotFound(key, DecodingError.Context(codingPath: codingPath, debugDescription: "missing"))
    }
    return value
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }

  func decodeNil(forKey key: Key) throws -> Bool {
    if case .null = try member(key) { true } else { false }
  }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try DocumentDecoder.value(type, in: member(key), path: codingPath + [PathKey(stringValue: name(key))])
  }

  private func name(_ key: any CodingKey) -> String {
    keepsKeys ? key.stringValue : SnakeCase.of(key.stringValue)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try decoder(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try decoder(PathKey(stringValue: "super")) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

  private func decoder(_ key: any CodingKey) throws -> DocumentDecoder {
    DocumentDecoder(document: try member(key), codingPath: codingPath + [key], keepsKeys: false)
  }
}

private struct Elements: UnkeyedDecodingContainer {
  let elements: [JSONValue]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(elements: [JSONValue], codingPath: [any CodingKey]) {
    self.elements = elements
    self.codingPath = codingPath
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  private var path: [any CodingKey] { codingPath + [PathKey(intValue: currentIndex)] }

  private func current() throws -> JSONValue {
    guard !isAtEnd else { throw DocumentDecoder.mismatch(path, "the list is too short") }
    return elements[currentIndex]
  }

  mutating func decodeNil() throws -> Bool {
    guard case .null = try current() else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try DocumentDecoder.value(type, in: current(), path: path)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try superDecoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try superDecoder().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = DocumentDecoder(document: try current(), codingPath: path, keepsKeys: false)
    currentIndex += 1
    return decoder
  }
}

private struct Single: SingleValueDecodingContainer {
  let document: JSONValue
  let codingPath: [any CodingKey]

  func decodeNil() -> Bool {
    if case .null = document { true } else { false }
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try DocumentDecoder.value(type, in: document, path: codingPath)
  }
}
