import JSON

/// Which roost this is.
package struct VersionReport: Sendable {
  /// `0.1.0`.
  package var version: String
  /// Empty when the build did not know it.
  package var commit: String

  /// Which version is reported.
  package init(version: String, commit: String) {
    self.version = version
    self.commit = commit
  }

  /// `roost 0.1.0 (abcdef)`.
  package var line: String { "roost \(version)" + (commit.isEmpty ? "" : " (\(commit))") }

  /// `roost.version.v1`.
  package var document: JSONValue {
    .object([
      ("schema", .string("roost.version.v1")), ("version", .string(version)), ("commit", .string(commit)),
    ])
  }
}
