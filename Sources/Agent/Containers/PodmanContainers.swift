import JSON
import Platform

/// The list of containers of the library that Podman stores them with. It has all of them, and is read when it has changed.
final class PodmanContainers: Sendable {
  /// Longer than what it is with ten thousand containers.
  private static let bytesMax = 16 << 20
  private static let path = "/var/lib/containers/storage/overlay-containers/containers.json"

  private struct Read {
    /// As the file was before it was read.
    var status: FileStatus?
    var descriptions: [String: ContainerDescription] = [:]
  }

  private let root: FileTree
  private let last = Lock(Read())

  init(root: FileTree) { self.root = root }

  /// What the list says of a container; `nil` where it may not be read or does not have it.
  func description(of id: String) -> ContainerDescription? {
    last.withLock { last in
      let status = try? root.status(Self.path)
      if status != last.status { last = Read(status: status, descriptions: status == nil ? [:] : descriptions()) }
      return last.descriptions[id]
    }
  }

  private func descriptions() -> [String: ContainerDescription] {
    guard let bytes = try? root.read(Self.path, limit: Self.bytesMax), let list = try? JSONValue.parse(bytes) else {
      return [:]
    }
    var found: [String: ContainerDescription] = [:]
    for entry in list.elements ?? [] {
      guard let id = entry["id"]?.string, found[id] == nil else { continue }
      var description = ContainerDescription()
      description.name = entry["names"]?.elements?.first?.string ?? ""
      description.imageID = entry["image"]?.string.map { "sha256:" + $0 } ?? ""
      let metadata = entry["metadata"]?.string.flatMap { try? JSONValue.parse($0) }
      description.image = metadata?["image-name"]?.string ?? ""
      found[id] = description
    }
    return found
  }
}
