/// What a container runtime knows of a container: names, image and the labels that become tags.
struct ContainerDescription: Sendable, Equatable {
  /// The container's own name; empty in Kubernetes, where `kubernetesName` tells it from others of its pod.
  var name = ""
  var kubernetesName = ""
  var podName = ""
  var namespace = ""
  /// As the runtime was told it: `registry.example.com/shop:1.2`.
  var image = ""
  /// Digest of the image: `sha256:` and digits.
  var imageID = ""
  /// Docker runs it: Datadog gives its images a tag more.
  var isDocker = false
  /// Values of those labels that are known here, by the tag that Datadog's agent makes of each.
  var labels: [String: String] = [:]

  /// Labels of containers and images, and their tags.
  private static let tagsOfLabels = [
    "com.datadoghq.tags.env": "env", "com.datadoghq.tags.service": "service",
    "com.datadoghq.tags.version": "version", "org.opencontainers.image.revision": "git.commit.sha",
    "org.opencontainers.image.source": "git.repository_url",
  ]

  /// Takes from labels or annotations what is of use, by the names that Kubernetes gives them through each runtime.
  mutating func take(_ text: (String) -> String?) {
    func first(_ names: String...) -> String {
      for name in names { if let found = text(name) { return found } }
      return ""
    }
    kubernetesName = first("io.kubernetes.cri.container-name", "io.kubernetes.container.name")
    podName = first("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name")
    namespace = first("io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace")
    for (label, tag) in Self.tagsOfLabels {
      if let value = text(label), !value.isEmpty { labels[tag] = value }
    }
  }
}

/// The name of an image, taken apart as Datadog's agent does it.
struct ContainerImageName: Equatable {
  /// The whole name without its tag: `registry.example.com/team/shop`.
  let name: String
  /// The last part of it: `shop`.
  let short: String
  /// `latest` where the name has neither tag nor digest; empty where it has only the digest.
  let tag: String

  /// `nil` where the text names no image but only its id.
  init?(_ reference: String) {
    let parts = reference.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, !first.isEmpty, !first.hasPrefix("sha256:"), !Self.isDigest(first) else {
      return nil
    }
    let nameStart = first.lastIndex(of: "/").map { first.index(after: $0) } ?? first.startIndex
    let colon = first[nameStart...].lastIndex(of: ":") ?? first.endIndex
    name = String(first[..<colon])
    short = String(first[nameStart..<colon])
    tag = colon < first.endIndex ? String(first[first.index(after: colon)...]) : parts.count == 1 ? "latest" : ""
    guard !short.isEmpty else { return nil }
  }

  /// Images can be run by the digits of their id.
  private static func isDigest(_ text: Substring) -> Bool {
    (text.utf8.count == 64 || text.utf8.count == 12) && text.allSatisfy(\.isHexDigit)
  }
}
