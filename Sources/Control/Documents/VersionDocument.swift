import JSON

/// Which build of roost printed it, for scripts that check.
package struct VersionDocument: Sendable, Equatable, JSONDocument {
  package static let schema = "roost.version.v1"

  /// Three numbers parted by points, such as `0.1.0`.
  package var version: String
  /// Empty when the build did not know it.
  package var commit: String

  /// A build's version and commit.
  package init(version: String, commit: String) {
    self.version = version
    self.commit = commit
  }
}
