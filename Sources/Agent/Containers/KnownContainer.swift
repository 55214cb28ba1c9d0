import Scrubbing
import Statistics

/// A container that sent something, and what is known of it.
final class KnownContainer: Sendable {
  /// Empty where the client only says its name; and its bytes.
  let id: String
  let idBytes: [UInt8]
  /// Each `key:value`, sorted, by the names that Datadog's agent gives them.
  let tags: [String]
  /// `tags` with commas between them, as payloads carry them.
  let joinedTags: [UInt8]
  /// What `Datadog-Container-Tags-Hash` says; `nil` where none of the tags is known that it is of.
  let tagsHash: String?
  /// Name and image for people; empty where they are not known.
  let name: String
  let image: String
  /// From the image's labels and its name; empty where they are not known.
  let gitCommitSha: String
  let imageTag: String

  private let description: ContainerDescription?
  /// The name is the client's word, which holds for nobody else.
  private let hasSaidName: Bool

  /// Bytes of a tag's value; the intake takes no longer tags.
  private static let valueBytesMax = 200
  /// Tags that tell what a process is part of from its copies: only those are in the hash.
  private static let hashedKeys: Set = [
    "kube_job", "kube_replica_set", "kube_container_name", "kube_namespace", "kube_app_name", "kube_app_managed_by",
    "service", "short_image", "kube_cluster_name",
  ]

  /// - Parameters:
  ///   - id: empty when it is not known.
  ///   - description: what a runtime says of it.
  ///   - saidName: its name in Kubernetes as the client says it (External Data), where no runtime does.
  init(id: String, description: ContainerDescription?, saidName: String = "") {
    var known = description ?? ContainerDescription()
    hasSaidName = known.kubernetesName.isEmpty && known.name.isEmpty && !saidName.isEmpty
    if hasSaidName { known.kubernetesName = saidName }
    self.description = description
    let values = Self.values(id, known)
    self.id = id
    idBytes = Array(id.utf8)
    tags = values.map { "\($0.key):\($0.value)" }.sorted()
    joinedTags = Array(tags.joined(separator: ",").utf8)
    let hashed = values.filter { Self.hashedKeys.contains($0.key) }.map { "\($0.key):\($0.value)" }.sorted()
    tagsHash = hashed.isEmpty ? nil : SHA256.hex(Array(hashed.joined(separator: ",").utf8))
    name = values["display_container_name"] ?? values["container_name"] ?? values["kube_container_name"] ?? ""
    imageTag = values["image_tag"] ?? ""
    image = [values["short_image"] ?? "", imageTag].filter { !$0.isEmpty }.joined(separator: ":")
    gitCommitSha = values["git.commit.sha"] ?? ""
  }

  /// The same without what only its client says; `nil` where no runtime says anything of it.
  var asDescribed: KnownContainer? {
    guard let description, !id.isEmpty else { return nil }
    return hasSaidName ? KnownContainer(id: id, description: description) : self
  }

  /// What its statistics say of it.
  var facts: ContainerFacts { ContainerFacts(tags: tags, gitCommitSha: gitCommitSha, imageTag: imageTag) }

  private static func values(_ id: String, _ known: ContainerDescription) -> [String: String] {
    var values = known.labels
    // Whoever builds an image may have left a password in the address that it came from.
    values["git.repository_url"] = values["git.repository_url"].map { Scrubber.scrub($0) }
    values["container_id"] = id
    values["container_name"] = known.name
    values["kube_container_name"] = known.kubernetesName
    values["kube_namespace"] = known.namespace
    values["pod_name"] = known.podName
    if !known.kubernetesName.isEmpty, !known.podName.isEmpty {
      values["display_container_name"] = known.kubernetesName + "_" + known.podName
    }
    values["image_id"] = known.imageID
    if let image = ContainerImageName(known.image) {
      values["image_name"] = image.name
      values["short_image"] = image.short
      values["image_tag"] = image.tag
      if known.isDocker {
        values["docker_image"] = [image.name, image.tag].filter { !$0.isEmpty }.joined(separator: ":")
      }
    }
    return values.filter { isValue($0.value) }
  }

  /// Whether it can be the value of a tag in a list with commas.
  private static func isValue(_ text: String) -> Bool {
    (1...valueBytesMax).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x2C && $0 != 0x7F }
  }
}
