import Control

/// Which roost this is, for people.
package enum VersionReport {
  /// One line: `roost 0.1.0 (abcdef)`.
  package static func line(_ version: VersionDocument) -> String {
    "roost \(version.version)" + (version.commit.isEmpty ? "" : " (\(version.commit))")
  }
}
