/// Turns documents into `Decodable` values, with the names that `JSONValueEncoder` writes.
package enum JSONValueDecoder {
  /// What is done about a document that does not fit its type.
  package enum Reading: Sendable {
    /// For documents written by hand. What does not fit is an error, and so is a member that no property is decoded
    /// from: it is misspelt.
    case strict
    /// For what another version of roost wrote. Members that no property is decoded from are skipped; what is missing
    /// or of another type is zero, false, empty or `nil`. An unknown choice among texts is `nil` or the usual one, by
    /// the defaults of the type that holds it.
    case lenient
  }

  /// The value that a document stands for. Members that a type with defaults (`DecodableWithDefaults`) does not find are
  /// taken from there.
  ///
  /// Lenient reading throws only what an `init(from:)` written by hand does, or an unknown choice among texts that is
  /// neither optional nor has a default.
  package static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from document: JSONValue, reading: Reading = .strict
  ) throws(JSONCodingError) -> Value {
    do {
      return try DocumentDecoder.value(type, in: document, path: [], reading: reading)
    } catch let error as DecodingError {
      throw JSONCodingError(error)
    } catch {
      throw JSONCodingError(path: [], problem: "\(error)")
    }
  }
}

/// The decoded members of one object. Shared by the containers of one value.
private final class DecodedMembers {
  var names: Set<String> = []
}

private struct DocumentDecoder: Decoder {
  let document: JSONValue
  let codingPath: [any CodingKey]
  let naming: MemberNaming
  let reading: JSONValueDecoder.Reading
  /// `nil` where members that are not decoded are allowed.
  let decoded: DecodedMembers?
  /// The members that the type's defaults stand for; `nil` for a type without defaults.
  let defaults: JSONValue?
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// The path is evaluated only where it is kept.
  static func value<Value: Decodable>(
    _ type: Value.Type, in document: JSONValue, path: @autoclosure () -> [any CodingKey],
    reading: JSONValueDecoder.Reading
  ) throws -> Value {
    if let leaf = type as? any JSONLeaf.Type {
      if let value = leaf.init(json: document) as? Value { return value }
      if reading == .lenient, let value = leaf.blank as? Value { return value }
      throw mismatch(path(), "expected \(leaf.expectation), found \(document.kindName)")
    }
    let path = path()
    let naming = MemberNaming(type)
    let decoded = reading == .strict && !naming.keepsKeys ? DecodedMembers() : nil
    let (overlaid, defaults) = try overlay(type, document, path: path, reading: reading)
    let decoder = DocumentDecoder(
      document: overlaid, codingPath: path, naming: naming, reading: reading, decoded: decoded, defaults: defaults)
    let value = try Value(from: decoder)
    if let decoded, !decoded.names.isEmpty,
      let unknown = overlaid.members?.first(where: { !decoded.names.contains($0.0) })
    {
      throw mismatch(path, "\"\(unknown.0)\" is not known here")
    }
    return value
  }

  /// The document with the members that it leaves out taken from the type's defaults, and these.
  private static func overlay<Value: Decodable>(
    _ type: Value.Type, _ document: JSONValue, path: [any CodingKey], reading: JSONValueDecoder.Reading
  ) throws -> (document: JSONValue, defaults: JSONValue?) {
    guard let type = type as? any DecodableWithDefaults.Type, let given = document.members else {
      return (document, nil)
    }
    if reading == .strict, let missing = type.requiredMembers.first(where: { document[$0] == nil }) {
      throw mismatch(path, "\"\(missing)\" is missing")
    }
    let defaults = try JSONValueEncoder.encode(type.decodingDefaults)
    let missing = (defaults.members ?? []).filter { document[$0.0] == nil }
    return (.object(missing + given), defaults)
  }

  static func mismatch(_ path: [any CodingKey], _ problem: String) -> DecodingError {
    .dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: problem))
  }

  /// A decoder of something inside, for containers that are handed out.
  func inner(_ document: JSONValue, _ key: any CodingKey) -> DocumentDecoder {
    DocumentDecoder(
      document: document, codingPath: codingPath + [key], naming: MemberNaming(Never.self), reading: reading,
      decoded: nil, defaults: nil)
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard document.members != nil || reading == .lenient else {
      throw Self.mismatch(codingPath, "expected an object, found \(document.kindName)")
    }
    return KeyedDecodingContainer(Members(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let elements = document.elements ?? (reading == .lenient ? [] : nil) else {
      throw Self.mismatch(codingPath, "expected a list, found \(document.kindName)")
    }
    return Elements(elements: elements, decoder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }
}

private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: DocumentDecoder
  /// Of a dictionary, which may have many and looks each of them up; `nil` for a value of few properties.
  private let dictionary: [String: JSONValue]?

  init(decoder: DocumentDecoder) {
    self.decoder = decoder
    let members = decoder.naming.keepsKeys ? decoder.document.members : nil
    dictionary = members.map { Dictionary($0, uniquingKeysWith: { _, last in last }) }
  }

  var codingPath: [any CodingKey] { decoder.codingPath }

  /// Only keys that are data can be listed: those of properties are not spelt as in the document.
  var allKeys: [Key] { (decoder.document.members ?? []).compactMap { Key(stringValue: $0.0) } }

  private func find(_ name: String) -> JSONValue? {
    decoder.decoded?.names.insert(name)
    if let dictionary { return dictionary[name] }
    return decoder.document[name]
  }

  /// Read leniently, a member that is missing is null.
  private func member(_ name: String) throws -> JSONValue {
    if let value = find(name) { return value }
    guard decoder.reading == .lenient else { throw DocumentDecoder.mismatch(codingPath, "\"\(name)\" is missing") }
    return .null
  }

  func contains(_ key: Key) -> Bool { find(decoder.naming.name(of: key)) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try member(decoder.naming.name(of: key)).isNull }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    guard !(type is any FlattenedMember.Type) else {
      return try Value(
        from: DocumentDecoder(
          document: decoder.document, codingPath: codingPath, naming: MemberNaming(type), reading: decoder.reading,
          decoded: decoder.decoded, defaults: decoder.defaults))
    }
    let name = decoder.naming.name(of: key)
    let value = try member(name)
    guard decoder.reading == .lenient, type is any RawRepresentable.Type, let usual = decoder.defaults?[name] else {
      return try decode(type, from: value, name)
    }
    do { return try decode(type, from: value, name) } catch { return try decode(type, from: usual, name) }
  }

  private func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue, _ name: String) throws -> Value {
    try DocumentDecoder.value(
      type, in: value, path: codingPath + [PathKey(stringValue: name)], reading: decoder.reading)
  }

  /// Read leniently, what is of another type or an unknown choice is `nil`.
  private func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
    guard let value = find(decoder.naming.name(of: key)), !value.isNull else { return nil }
    guard decoder.reading == .lenient else { return try decode(type, forKey: key) }
    if type is any RawRepresentable.Type { return try? decode(type, forKey: key) }
    return value.resembles(type) ? try decode(type, forKey: key) : nil
  }

  // One for each type for which the protocol has a method, and with it a default that would be taken.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try optional(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try optional(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try optional(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try optional(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try optional(type, key) }
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try optional(type, key)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try inner(key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try inner(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try inner(PathKey(stringValue: "super")) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try inner(key) }

  private func inner(_ key: any CodingKey) throws -> DocumentDecoder {
    decoder.inner(try member(decoder.naming.name(of: key)), key)
  }
}

private struct Elements: UnkeyedDecodingContainer {
  let elements: [JSONValue]
  let decoder: DocumentDecoder
  private(set) var currentIndex = 0

  init(elements: [JSONValue], decoder: DocumentDecoder) {
    self.elements = elements
    self.decoder = decoder
  }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  private var position: PathKey { PathKey(intValue: currentIndex) }

  private func current() throws -> JSONValue {
    guard !isAtEnd else { throw DocumentDecoder.mismatch(codingPath + [position], "the list is too short") }
    return elements[currentIndex]
  }

  mutating func decodeNil() throws -> Bool {
    guard try current().isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try DocumentDecoder.value(
      type, in: current(), path: codingPath + [position], reading: decoder.reading)
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
    let inner = decoder.inner(try current(), position)
    currentIndex += 1
    return inner
  }
}

private struct Single: SingleValueDecodingContainer {
  let decoder: DocumentDecoder

  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.document.isNull }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try DocumentDecoder.value(type, in: decoder.document, path: codingPath, reading: decoder.reading)
  }
}

extension JSONValue {
  fileprivate var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// What it is, for messages.
  fileprivate var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .int, .uint, .double: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// Whether a value of `type` can be read from it at all.
  fileprivate func resembles(_ type: Any.Type) -> Bool {
    if let leaf = type as? any JSONLeaf.Type { return leaf.init(json: self) != nil }
    return members != nil || elements != nil
  }
}
