/// A property whose members stand among those of the value that holds it, not in an object of their own.
@propertyWrapper
package struct Flattened<Value: Codable>: Codable {
  /// What code outside sees: the value whose members are flattened.
  package var wrappedValue: Value

  /// Takes the value that the property starts with.
  package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  /// Reads the members of the holder that belong to the value.
  package init(from decoder: any Decoder) throws { wrappedValue = try Value(from: decoder) }

  /// Writes the value's members where the encoder stands: `JSONValueEncoder` lets it stand in the holder.
  package func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

extension Flattened: Sendable where Value: Sendable {}

extension Flattened: Equatable where Value: Equatable {}

/// What the coders see of a `Flattened` property: the type whose members are to be read or written.
protocol FlattenedMember {
  static var contentType: any Any.Type { get }
}

extension Flattened: FlattenedMember {
  static var contentType: any Any.Type { Value.self }
}
