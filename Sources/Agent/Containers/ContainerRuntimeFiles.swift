import JSON
import Platform

/// What container runtimes keep on disk of their containers, which as a rule only root may read. No runtime and no
/// orchestrator is asked: their sockets grant far more than reading.
struct ContainerRuntimeFiles: Sendable {
  /// Longer than what any runtime writes of one container.
  private static let bytesMax = 1 << 20

  /// The root of the machine's files.
  let root: FileTree
  private let podmanList: PodmanContainers

  init(root: FileTree) {
    self.root = root
    podmanList = PodmanContainers(root: root)
  }

  /// What the first runtime that has the container says of it; `nil` where none may be read, or none has it.
  /// - Parameter id: of a form that `ContainerID` knows, so that it is the name of a folder.
  func description(of id: String) -> ContainerDescription? {
    docker(id) ?? bundle("/run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)/config.json")
      ?? bundle("/run/containers/storage/overlay-containers/\(id)/userdata/config.json")
      ?? podmanList.description(of: id)
  }

  private func docker(_ id: String) -> ContainerDescription? {
    guard let document = document("/var/lib/docker/containers/\(id)/config.v2.json") else { return nil }
    let configuration = document["Config"]
    let labels = configuration?["Labels"]
    var description = ContainerDescription()
    description.isDocker = true
    description.take { labels?[$0]?.string }
    if description.kubernetesName.isEmpty {
      description.name = String((document["Name"]?.string ?? "").drop { $0 == "/" })
    }
    description.image = configuration?["Image"]?.string ?? ""
    description.imageID = document["Image"]?.string ?? ""
    return description
  }

  /// The bundle that containerd and CRI-O give to the program that runs the container (OCI runtime specification). Those
  /// of Podman lie in the same place as CRI-O's and say no names.
  private func bundle(_ path: String) -> ContainerDescription? {
    guard let annotations = document(path)?["annotations"] else { return nil }
    var description = ContainerDescription()
    description.take { annotations[$0]?.string }
    guard !description.kubernetesName.isEmpty else { return nil }
    let images = ["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"]
    description.image = images.lazy.compactMap { annotations[$0]?.string }.first ?? ""
    return description
  }

  private func document(_ path: String) -> JSONValue? {
    guard let bytes = try? root.read(path, limit: Self.bytesMax) else { return nil }
    return try? JSONValue.parse(bytes)
  }
}
