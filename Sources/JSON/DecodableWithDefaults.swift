/// A value of which a document need only say what differs from the usual.
package protocol DecodableWithDefaults: Codable {
  /// What members that a document leaves out are taken from.
  static var decodingDefaults: Self { get }
  /// Members, as documents write them, that have no default and must be there.
  static var requiredMembers: [String] { get }
}

extension DecodableWithDefaults {
  /// None, unless a type says otherwise.
  package static var requiredMembers: [String] { [] }
}
