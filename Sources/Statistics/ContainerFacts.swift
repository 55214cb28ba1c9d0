/// What is known of a container that statistics come from.
package struct ContainerFacts: Sendable {
  /// Its tags, each of them `key:value`.
  package var tags: [String]
  /// Commit that the image was made from, and the image's tag; empty where they are not known.
  package var gitCommitSha: String
  package var imageTag: String

  /// What goes with the statistics of one container.
  package init(tags: [String], gitCommitSha: String, imageTag: String) {
    self.tags = tags
    self.gitCommitSha = gitCommitSha
    self.imageTag = imageTag
  }
}
