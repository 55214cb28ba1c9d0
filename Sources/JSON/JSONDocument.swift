/// A document that programs may rely on: what a command prints with `--json`.
package protocol JSONDocument: Codable {
  /// Name and version of its shape, such as `roost.info.v1`; the first member of the document.
  static var schema: String { get }
  /// Members, as documents name them, that travel between roost's own processes and are not part of the schema.
  static var internalMembers: Set<String> { get }
}

extension JSONDocument {
  /// None, unless a type says otherwise.
  package static var internalMembers: Set<String> { [] }

  /// The document as a tree. Members keep the order of the properties.
  package var document: JSONValue {
    // Only an `encode(to:)` written by hand could throw, and the compiler writes those of documents.
    let members = (try? JSONValueEncoder.encode(self))?.members ?? []
    return .object([("schema", .string(Self.schema))] + members.filter { !Self.internalMembers.contains($0.0) })
  }
}
